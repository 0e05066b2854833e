// Keys with characters that need care, and their order: bytes of UTF-8.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const keys = ["", "b", "a", "A", "é", "\u0000", "a\u0000b", "%", "_", "🙂", "\uffee", "a/b", "'quote\"", "1", "10", "2"];
    for (const key of keys) await attempt(`put ${JSON.stringify(key)}`, () => storage.put(key, key));
    print("list", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
