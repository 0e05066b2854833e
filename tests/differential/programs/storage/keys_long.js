// How long a key may be.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    for (const length of [512, 2048, 2049, 10000]) {
      await attempt(`put ${length}`, () => storage.put("k".repeat(length), length));
      await attempt(`get ${length}`, () => storage.get("k".repeat(length)));
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
