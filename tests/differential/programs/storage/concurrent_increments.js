// Requests that read, wait for storage and write never lose an increment.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async add() {
    const n = (await this.ctx.storage.get("n")) ?? 0;
    await this.ctx.storage.put("n", n + 1);
  }

  async fetch() {
    const { storage } = this.ctx;
    await Promise.all(Array.from({ length: 5 }, () => this.add()));
    print("within one event all read before the first write", await storage.get("n"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
