// deleteAll(): what it answers, and that writes around it are in order.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2 });
    print("deleteAll", await storage.deleteAll());
    print("list", await storage.list());
    storage.put("c", 3);
    storage.deleteAll();
    storage.put("d", 4);
    print("after", await storage.list());
    print("again", await storage.deleteAll(), await storage.deleteAll());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
