// A message to all sockets but the sender's, and to those of a tag.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Room extends DurableObject {
  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, [new URL(request.url).pathname.slice(1), "all"]);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(sender, message) {
    const [name] = this.ctx.getTags(sender);
    for (const socket of this.ctx.getWebSockets("all")) if (socket !== sender) socket.send(`${name}: ${message}`);
    for (const socket of this.ctx.getWebSockets(message)) socket.send(`only for ${message}`);
  }
}

export default async (env) => {
  const seen = {};
  const join = async (name) => {
    const { webSocket } = await env.Room.getByName("r").fetch(`http://r/${name}`, { headers: { upgrade: "websocket" } });
    seen[name] = [];
    webSocket.accept();
    webSocket.addEventListener("message", ({ data }) => seen[name].push(data));
    return webSocket;
  };
  const a = await join("a");
  await join("b");
  await join("c");
  a.send("b");
  await until(() => seen.b.length === 2 && seen.c.length === 1);
  print("seen", seen);
};
