// Methods that wait interleave as requests do.
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

export class Slow extends DurableObject {
  ended = new Set();

  async work(name, after) {
    print(`${name} begins`);
    if (after) await until(() => this.ended.has(after));
    else await pause(5);
    print(`${name} ends`);
    this.ended.add(name);
  }
}

export default async (env) => {
  const stub = env.Slow.getByName("s");
  await Promise.all([stub.work("a", "b"), stub.work("b", "c"), stub.work("c")]);
};
