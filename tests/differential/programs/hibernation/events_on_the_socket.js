// Listeners on a hibernatable socket within the object hear nothing.
import { DurableObject } from "cloudflare:workers";
import { attempt, print, until } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    await attempt("listen", () => server.addEventListener("message", () => print("listener")));
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) {
    print("handler", message);
    socket.send("done");
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  let done = false;
  webSocket.accept();
  webSocket.addEventListener("message", () => (done = true));
  webSocket.send("x");
  await until(() => done);
};
