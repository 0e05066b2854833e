// get() of several keys: a Map of those that are there, ordered by key.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ b: 2, a: 1, c: 3 });
    print("some", await storage.get(["c", "missing", "a"]));
    print("none", await storage.get([]));
    print("twice", await storage.get(["a", "a"]));
    print("missing", await storage.get(["x"]), await storage.get("x"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
