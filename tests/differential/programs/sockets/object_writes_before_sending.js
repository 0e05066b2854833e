// Messages of an object wait for its writes, and keep their order with its answers.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Journal extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", async ({ data }) => {
      this.ctx.storage.put(data, true);
      server.send(`stored ${data}`);
    });
    return new Response(null, { status: 101, webSocket: client });
  }
}

export default async (env) => {
  const { webSocket } = await env.Journal.getByName("j").fetch("http://j/", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  for (const key of ["a", "b", "c"]) webSocket.send(key);
  await until(() => seen.length === 3);
  print("seen", seen);
};
