// The options of get(), put() and delete() are taken.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("a", 1, { allowUnconfirmed: true });
    await storage.put({ b: 2 }, { allowUnconfirmed: true, noCache: true });
    print("get", await storage.get("a", { allowConcurrency: true }), await storage.get(["b"], { noCache: true }));
    print("delete", await storage.delete("a", { allowUnconfirmed: true }));
    print("list", await storage.list({ allowConcurrency: true, noCache: true }));
    await attempt("put with 5", () => storage.put("c", 1, 5));
    await attempt("get with text", () => storage.get("c", "x"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
