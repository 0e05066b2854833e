// Calls of storage itself within a transaction are part of it.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attempt("transaction", () =>
      storage.transaction(async () => {
        await storage.put("a", 1);
        throw new Error("undone");
      }));
    print("a", await storage.get("a"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
