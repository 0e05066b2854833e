// transaction(): its answer, and its writes.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const answer = await storage.transaction(async (transaction) => {
      await transaction.put("a", 1);
      print("inside", await transaction.get("a"));
      return "answer";
    });
    print("answer", answer, await storage.get("a"));
    await attempt("without a callback", () => storage.transaction());
    await attempt("callback without promise", () => storage.transaction(() => "plain"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
