// Reads see the writes of their own turn at once, in the order of the calls.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    storage.put("a", 1);
    const first = storage.get("a");
    storage.put("a", 2);
    const second = storage.get("a");
    storage.delete("a");
    const third = storage.get("a");
    storage.put("a", 4);
    print("reads", await Promise.all([first, second, third, storage.get("a")]));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
