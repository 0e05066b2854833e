// list() between keys.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, ba: 3, bb: 4, c: 5, d: 6 });
    const cases = {
      all: {}, start: { start: "b" }, "start missing": { start: "bab" }, end: { end: "c" }, both: { start: "b", end: "c" },
      "start after": { startAfter: "b" }, "start after missing": { startAfter: "bab" }, prefix: { prefix: "b" }, "prefix and start": { prefix: "b", start: "ba" },
      "prefix and end": { prefix: "b", end: "bb" }, "empty prefix": { prefix: "" }, "end before start": { start: "c", end: "a" }, "start after end": { startAfter: "a", end: "a" },
    };
    for (const [name, options] of Object.entries(cases)) print(name, [...(await storage.list(options)).keys()]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
