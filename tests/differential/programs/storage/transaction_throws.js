// A transaction that throws is undone, and its exception is the caller's; the object goes on.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    await attempt("transaction", () =>
      storage.transaction(async (transaction) => {
        await transaction.put("a", 2);
        await transaction.put("b", 2);
        throw new RangeError("no");
      }));
    print("a and b", await storage.get("a"), await storage.get("b"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
