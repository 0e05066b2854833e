// What is read does not share anything with what was written, nor with another read.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const value = { list: [1] };
    await storage.put("key", value);
    value.list.push(2);
    print("after a change", await storage.get("key"));
    const first = await storage.get("key");
    first.list.push(3);
    print("after a change of the first read", await storage.get("key"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
