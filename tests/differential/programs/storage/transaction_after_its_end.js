// A transaction's object after its end.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    let kept;
    await storage.transaction(async (transaction) => {
      kept = transaction;
      await transaction.put("a", 1);
    });
    await attempt("get", () => kept.get("a"));
    await attempt("put", () => kept.put("a", 2));
    await attempt("rollback", async () => kept.rollback());
    print("a", await storage.get("a"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
