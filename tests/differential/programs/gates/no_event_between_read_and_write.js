// Requests that read, await and write one after another lose nothing: storage lets no other event in.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Counter extends DurableObject {
  async fetch() {
    const n = (await this.ctx.storage.get("n")) ?? 0;
    await this.ctx.storage.put("n", n + 1);
    return new Response(String(n + 1));
  }
}

export default async (env) => {
  const stub = env.Counter.getByName("c");
  const answers = await Promise.all(Array.from({ length: 20 }, async () => Number(await (await stub.fetch("http://c/")).text())));
  print("answers", answers);
};
