// close() within webSocketMessage().
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Room extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) {
    socket.send(`last word after ${message}`);
    socket.close(4009, "enough");
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  webSocket.addEventListener("close", ({ code, reason, wasClean }) => seen.push([code, reason, wasClean]));
  webSocket.send("x");
  await until(() => seen.length === 2);
  print("seen", seen);
};
