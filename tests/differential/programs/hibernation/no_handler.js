// A hibernatable socket of a class without webSocketMessage().
import { DurableObject } from "cloudflare:workers";
import { attempt, pause, print } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    await attempt("accept", () => this.ctx.acceptWebSocket(server));
    return new Response(null, { status: 101, webSocket: client });
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  webSocket.accept();
  webSocket.send("x");
  await pause(30);
  print("state", webSocket.readyState);
};
