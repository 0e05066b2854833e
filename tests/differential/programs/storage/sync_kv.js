// storage.kv: get, put and delete without promises.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const { kv } = storage;
    print("put", kv.put("a", { x: [1] }));
    print("get", kv.get("a"), kv.get("missing"));
    print("delete", kv.delete("a"), kv.delete("a"));
    await storage.put("async", 1);
    print("same keys", kv.get("async"));
    kv.put("sync", 2);
    print("other way", await storage.get("sync"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
