// A chain of promises within an object is not interleaved with the next event.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Chain extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    for (let i = 0; i < 3; ++i) {
      await null;
      print(`${name} ${i}`);
    }
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Chain.getByName("c");
  await Promise.all([stub.fetch("http://c/a"), stub.fetch("http://c/b")]);
};
