// What delete() answers.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, c: 3 });
    print("there", await storage.delete("a"));
    print("gone", await storage.delete("a"));
    print("several", await storage.delete(["a", "b", "c", "d"]));
    print("none", await storage.delete([]));
    print("left", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
