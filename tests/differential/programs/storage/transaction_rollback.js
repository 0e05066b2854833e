// rollback() undoes the writes; the transaction's answer stays.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    const answer = await storage.transaction(async (transaction) => {
      await transaction.put("a", 2);
      print("rollback", transaction.rollback());
      await attempt("get after", () => transaction.get("a"));
      await attempt("put after", () => transaction.put("a", 3));
      await attempt("rollback again", async () => transaction.rollback());
      return "answer";
    });
    print("answer", answer, await storage.get("a"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
