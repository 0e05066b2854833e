// A WebSocket with its other end in a Durable Object: state over messages, and broadcast.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Room extends DurableObject {
  sockets = new Set();

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    this.sockets.add(server);
    server.addEventListener("message", ({ data }) => {
      for (const socket of this.sockets) socket.send(`${this.sockets.size} ${data}`);
    });
    server.addEventListener("close", () => this.sockets.delete(server));
    return new Response(null, { status: 101, webSocket: client });
  }
}

export default async (env) => {
  const stub = env.Room.getByName("r");
  const seen = {};
  const join = async (name) => {
    const { webSocket } = await stub.fetch("http://r/", { headers: { upgrade: "websocket" } });
    seen[name] = [];
    webSocket.accept();
    webSocket.addEventListener("message", ({ data }) => seen[name].push(data));
    return webSocket;
  };
  const a = await join("a");
  const b = await join("b");
  a.send("hello");
  await until(() => seen.b.length === 1 && seen.a.length === 1);
  b.send("hi");
  await until(() => seen.a.length === 2 && seen.b.length === 2);
  print("a", seen.a);
  print("b", seen.b);
};
