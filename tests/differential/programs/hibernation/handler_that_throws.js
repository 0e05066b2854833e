// webSocketMessage() that throws: the socket stays, the object too.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Room extends DurableObject {
  calls = 0;

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    ++this.calls;
    if (message === "bad") throw new Error("handler fails");
    socket.send(`call ${this.calls}`);
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  webSocket.send("bad");
  webSocket.send("good");
  await until(() => seen.length === 1);
  print("seen", seen, webSocket.readyState);
};
