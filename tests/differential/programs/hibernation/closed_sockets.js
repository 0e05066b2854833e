// getWebSockets() after sockets were closed from either side.
import { DurableObject } from "cloudflare:workers";
import { attempt, print, until } from "lines";

let closes = 0;

export class Room extends DurableObject {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/count") return new Response(String(this.ctx.getWebSockets().length));
    if (pathname === "/close") {
      const [socket] = this.ctx.getWebSockets("second");
      socket.close(4001, "by the object");
      print("closing", socket.readyState);
      return new Response();
    }
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, [pathname.slice(1)]);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketClose(socket, code, reason) {
    print("close", this.ctx.getTags(socket), code, reason);
    await attempt("send", () => socket.send("too late"));
    ++closes;
  }
}

export default async (env) => {
  const stub = env.Room.getByName("r");
  const join = async (name) => {
    const { webSocket } = await stub.fetch(`http://r/${name}`, { headers: { upgrade: "websocket" } });
    webSocket.accept();
    return webSocket;
  };
  const count = async () => (await stub.fetch("http://r/count")).text();
  const first = await join("first");
  const second = await join("second");
  print("two", await count());
  first.close(4000, "by the client");
  await until(() => closes === 1);
  print("one", await count());
  let event;
  second.addEventListener("close", (close) => (event = close));
  await stub.fetch("http://r/close");
  await until(() => event !== undefined);
  print("client's close", event.code, event.reason);
};
