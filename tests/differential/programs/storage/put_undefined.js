// put() with undefined, and members that are.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attempt("put(key, undefined)", () => storage.put("key", undefined));
    await attempt("put(key)", () => storage.put("key"));
    await attempt("put({a: undefined})", () => storage.put({ a: undefined, b: 1 }));
    await attempt("put({})", () => storage.put({}));
    await attempt("put()", () => storage.put());
    print("stored", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
