// A method of a Durable Object, called through its stub.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Counter extends DurableObject {
  n = 0;

  add(a, b = 1) {
    return (this.n += a * b);
  }

  async later() {
    await this.ctx.storage.put("n", this.n);
    return { n: await this.ctx.storage.get("n") };
  }
}

export default async (env) => {
  const stub = env.Counter.getByName("c");
  print("add", await stub.add(2));
  print("two arguments", await stub.add(2, 10));
  print("later", await stub.later());
  print("no value", await stub.add(NaN), await env.Counter.getByName("other").later());
};
