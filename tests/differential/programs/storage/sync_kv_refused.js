// What storage.kv refuses.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const { kv } = storage;
    await attempt("undefined", async () => kv.put("a", undefined));
    await attempt("function", async () => kv.put("a", () => {}));
    await attempt("no key", async () => kv.get());
    await attempt("several keys", async () => kv.get(["a", "b"]));
    await attempt("limit 0", async () => [...kv.list({ limit: 0 })]);
    await attempt("both starts", async () => [...kv.list({ start: "a", startAfter: "b" })]);
    print("left", [...kv.list()]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
