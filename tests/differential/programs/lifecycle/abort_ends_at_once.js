// ctx.abort() ends the code that calls it: nothing catches it, nothing runs after it.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

let instances = 0;

export class A extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.number = ++instances;
  }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response(`instance ${this.number}`);
    try {
      if (pathname === "/later") await scheduler.wait(1);
      if (pathname === "/stored") await this.ctx.storage.put("key", "value");
      this.ctx.abort(`because of ${pathname}`);
      print("after");
    } catch (error) {
      print("caught", error);
    } finally {
      print("finally");
    }
    return new Response("went on");
  }
  method() {
    try {
      this.ctx.abort("because of a method");
    } catch {
      print("caught");
    }
  }
}

export default async (env) => {
  const ask = async (path) => (await env.A.getByName("a").fetch(`http://a${path}`)).text();
  print("first", await ask("/"));
  for (const path of ["/now", "/later", "/stored"]) {
    await attempt(path, () => ask(path));
    print("next", await ask("/"));
  }
  await attempt("method", () => env.A.getByName("a").method());
  print("next", await ask("/"));
  await attempt("while another waits", async () => {
    const all = await Promise.allSettled([ask("/later"), ask("/later")]);
    return all.map(({ status, reason }) => [status, reason?.message]);
  });
  print("next", await ask("/"));
};
