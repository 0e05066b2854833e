// What list() gives: a Map of values that were cloned for it.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("key", { a: 1 });
    const list = await storage.list();
    print("map", list instanceof Map, list.size, Object.prototype.toString.call(list));
    list.get("key").a = 2;
    print("again", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
