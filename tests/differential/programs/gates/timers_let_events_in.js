// A timer does let other events in: a read before it is stale after it.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let reads = 0;

export class Counter extends DurableObject {
  async fetch() {
    const n = (await this.ctx.storage.get("n")) ?? 0;
    ++reads;
    await until(() => reads === 3);
    await this.ctx.storage.put("n", n + 1);
    return new Response(String(n + 1));
  }
}

export default async (env) => {
  const stub = env.Counter.getByName("c");
  print("answers", await Promise.all(Array.from({ length: 3 }, async () => Number(await (await stub.fetch("http://c/")).text()))));
};
