// Keys of other types.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    for (const key of [5, true, null, undefined, { toString: () => "object" }]) {
      await attempt(`put ${String(key)}`, () => storage.put(key, "v"));
      await attempt(`get ${String(key)}`, () => storage.get(key));
    }
    print("keys", [...(await storage.list()).keys()]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
