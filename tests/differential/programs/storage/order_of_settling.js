// In which order storage's promises settle.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const order = [];
    const note = (name) => () => order.push(name);
    const all = [
      storage.put("a", 1).then(note("put a")),
      storage.get("a").then(note("get a")),
      storage.put("b", 1).then(note("put b")),
      storage.list().then(note("list")),
      storage.delete("b").then(note("delete b")),
    ];
    await Promise.all(all);
    print("reads", order.filter((name) => ["get a", "list"].includes(name)));
    print("writes", order.filter((name) => name.startsWith("put")));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
