// ctx.abort(): the caller's error, others' errors, and what is stored.
import { DurableObject } from "cloudflare:workers";
import { attempt, pause, print } from "lines";

let made = 0;

export class A extends DurableObject {
  number = ++made;

  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/abort":
        await this.ctx.storage.put("before", "stored");
        await this.ctx.storage.sync();
        this.ctx.abort("told to");
        return new Response("not reached");
      case "/wait":
        await pause(20_000);
        return new Response("waited");
      default:
        return new Response(`${this.number} ${await this.ctx.storage.get("before")}`);
    }
  }
}

export default async (env) => {
  const ask = async (path, stub = env.A.getByName("a")) => (await stub.fetch(`http://a${path}`)).text();
  print("first", await ask("/"));
  const waiting = attempt("waiting", () => ask("/wait"));
  await pause(10);
  await attempt("abort", () => ask("/abort"));
  await waiting;
  await attempt("after", () => ask("/"));
};
