// Values of many sizes, up to what storage refuses.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    for (const size of [1000, 128 * 1024, 128 * 1024 + 1, 1024 * 1024, 2 * 1024 * 1024 - 1024]) {
      await storage.put("key", new Uint8Array(size).fill(7));
      print(`${size}`, (await storage.get("key")).length);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
