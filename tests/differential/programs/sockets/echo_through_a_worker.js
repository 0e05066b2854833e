// A WebSocket from one worker to another by fetch() with Upgrade.
import { print, until } from "lines";

export const worker = {
  fetch(request) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("no upgrade", { status: 426 });
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(`echo ${data}`));
    server.addEventListener("close", ({ code, reason }) => print("server close", code, reason));
    return new Response(null, { status: 101, webSocket: client });
  },
};

export default async (env) => {
  print("plain", (await env.SELF.fetch("http://s/")).status);
  const response = await env.SELF.fetch("http://s/", { headers: { upgrade: "websocket" } });
  print("status", response.status, response.webSocket !== null);
  const socket = response.webSocket;
  let closed = false;
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    print("message", data);
    if (data === "echo b") socket.close(1000, "enough");
  });
  socket.addEventListener("close", ({ code, reason, wasClean }) => {
    print("client close", code, reason, wasClean);
    closed = true;
  });
  socket.send("a");
  socket.send("b");
  await until(() => closed);
};
