// Rooms of WebSockets: "E..." is said back to who says it, anything else to all. /accept keeps its
// object awake, /hibernate lets it go out of memory between messages.
import { DurableObject } from "cloudflare:workers";

const upgraded = (client) => new Response(null, { status: 101, webSocket: client });

export class Room extends DurableObject {
  sockets = new Set();

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    this.sockets.add(server);
    server.addEventListener("message", ({ data }) => {
      if (data[0] === "E") server.send(data);
      else for (const socket of this.sockets) socket.send(data);
    });
    server.addEventListener("close", () => {
      this.sockets.delete(server);
      server.close();
    });
    return upgraded(client);
  }
}

export class HibernatingRoom extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return upgraded(client);
  }
  webSocketMessage(socket, data) {
    if (data[0] === "E") socket.send(data);
    else for (const other of this.ctx.getWebSockets()) other.send(data);
  }
  webSocketClose(socket) {
    socket.close(1000);
  }
}

export default {
  fetch(request, env) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("Speak WebSocket");
    const { pathname, search } = new URL(request.url);
    const namespace = pathname === "/accept" ? env.ROOMS : env.HIBERNATING;
    return namespace.get(namespace.idFromName(search)).fetch(request);
  },
};
