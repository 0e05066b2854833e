// Options that list() refuses, or converts.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2 });
    const cases = [{ limit: 0 }, { limit: -1 }, { limit: 1.5 }, { limit: "1" }, { limit: "x" }, { limit: null }, { limit: undefined }, { start: "a", startAfter: "a" }, { start: null }, { prefix: null }, { prefix: 5 }, { reverse: "yes" }, { reverse: 0 }, null, undefined, "a", 5, []];
    for (const options of cases) {
      await attempt(JSON.stringify(options)?.replaceAll(":", "=") ?? "undefined", async () => [...(await storage.list(options)).keys()]);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
