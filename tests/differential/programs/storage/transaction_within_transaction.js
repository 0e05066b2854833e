// A transaction in a transaction.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attempt("outer", () =>
      storage.transaction(async (outer) => {
        await outer.put("a", 1);
        await attempt("inner", () =>
          storage.transaction(async (inner) => {
            await inner.put("b", 1);
            throw new Error("inner undone");
          }));
        return "done";
      }));
    print("left", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
