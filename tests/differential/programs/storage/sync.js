// sync(): with and without writes.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    print("nothing", await storage.sync());
    storage.put("a", 1);
    print("written", await storage.sync());
    print("promise", storage.sync() instanceof Promise);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
