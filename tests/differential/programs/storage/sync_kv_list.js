// storage.kv.list(): an iterator over pairs.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const { kv } = storage;
    for (const key of ["b", "a", "c", "ab"]) kv.put(key, key.toUpperCase());
    const list = kv.list();
    print("kind", typeof list[Symbol.iterator], typeof list.next, Object.prototype.toString.call(list));
    print("all", [...list]);
    print("prefix", [...kv.list({ prefix: "a" })]);
    print("range", [...kv.list({ start: "ab", end: "c" })]);
    print("reverse", [...kv.list({ reverse: true, limit: 2 })]);
    print("after", [...kv.list({ startAfter: "a" })]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
