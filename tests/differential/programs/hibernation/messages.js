// acceptWebSocket(): messages and closes arrive at the class's handlers.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let closed = false;

export class Room extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    print("accept", this.ctx.acceptWebSocket(server));
    print("state", server.readyState);
    server.send("welcome");
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    print("message", typeof message === "string" ? message : message, socket instanceof WebSocket);
    socket.send(`echo ${typeof message}`);
  }

  async webSocketClose(socket, code, reason, wasClean) {
    print("close", code, reason, wasClean, socket.readyState);
    closed = true;
  }

  async webSocketError(socket, error) {
    print("error", error);
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  webSocket.send("text");
  await until(() => seen.length === 2);
  webSocket.send(new Uint8Array([1, 2]));
  await until(() => seen.length === 3);
  webSocket.close(4000, "bye");
  await until(() => closed);
  print("seen", seen);
};
