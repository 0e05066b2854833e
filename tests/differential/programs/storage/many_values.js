// Thousands of values in one object.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    for (let i = 0; i < 2000; ++i) storage.put(`key${i}`, { i, text: "x".repeat(i % 50) });
    const list = await storage.list();
    print("count", list.size);
    print("first and last", [...list.keys()].slice(0, 3), [...list.keys()].at(-1));
    print("one", await storage.get("key1234"));
    print("page", [...(await storage.list({ startAfter: "key1998", limit: 3 })).keys()]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
