// What a turn has written before it ends by ctx.abort() is not kept; what turns before it wrote is.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const { storage } = this.ctx;
    if (pathname === "/") return Response.json([...(await storage.list())]);
    if (pathname === "/before") {
      await storage.put("before", 1);
      await storage.sync();
      storage.put("after", 1);
      this.ctx.abort("in the next turn");
    }
    storage.put("one", 1);
    storage.put("two", 2);
    this.ctx.abort("in one turn");
  }
}

export default async (env) => {
  const ask = async (path) => (await env.A.getByName("a").fetch(`http://a${path}`)).text();
  await attempt("/turn", () => ask("/turn"));
  print("kept", await ask("/"));
  await attempt("/before", () => ask("/before"));
  print("kept", await ask("/"));
};
