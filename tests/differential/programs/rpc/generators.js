// Generators and async iterables as results.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Maker extends DurableObject {
  *numbers() {
    yield 1;
  }
  async *later() {
    yield 1;
  }
  iterator() {
    return [1, 2].values();
  }
}

export default async (env) => {
  const stub = env.Maker.getByName("m");
  for (const name of ["numbers", "later", "iterator"]) await attempt(name, async () => typeof (await stub[name]()));
};
