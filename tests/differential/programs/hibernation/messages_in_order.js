// Handlers that wait: do messages of one socket overlap?
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

const ended = new Set();

export class Room extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    print("begins", message);
    if (message === "a") await until(() => ended.has("b"));
    else if (message === "b") await until(() => ended.has("c"));
    else await pause(5);
    print("ends", message);
    ended.add(message);
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  webSocket.accept();
  for (const message of ["a", "b", "c"]) webSocket.send(message);
  await until(() => ended.size === 3);
};
