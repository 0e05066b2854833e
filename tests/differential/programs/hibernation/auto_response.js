// setWebSocketAutoResponse(): answers without the object.
import { DurableObject } from "cloudflare:workers";
import { attempt, print, until } from "lines";

export class Room extends DurableObject {
  async fetch() {
    print("none", this.ctx.getWebSocketAutoResponse());
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const set = this.ctx.getWebSocketAutoResponse();
    print("set", set.request, set.response, Object.prototype.toString.call(set));
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    this.server = server;
    print("timestamp", this.ctx.getWebSocketAutoResponseTimestamp(server));
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) {
    print("message", message, this.ctx.getWebSocketAutoResponseTimestamp(socket) instanceof Date);
    socket.send(`answer ${message}`);
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  webSocket.send("ping");
  webSocket.send("ping ");
  webSocket.send("other");
  await until(() => seen.length === 3);
  print("seen", seen);
};
