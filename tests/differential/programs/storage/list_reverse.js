// list() backwards, with limits.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, c: 3, d: 4 });
    const cases = { reverse: { reverse: true }, limit: { limit: 2 }, "reverse limit": { reverse: true, limit: 2 }, "reverse start": { reverse: true, start: "b" }, "reverse end": { reverse: true, end: "d", limit: 2 }, "reverse start after": { reverse: true, startAfter: "a", limit: 1 }, "reverse prefix": { reverse: true, prefix: "c" } };
    for (const [name, options] of Object.entries(cases)) print(name, await storage.list(options));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
