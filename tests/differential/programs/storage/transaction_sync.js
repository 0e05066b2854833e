// transactionSync(): answer, exception, nesting.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    print("answer", storage.transactionSync(() => {
      storage.put("a", 1);
      return "answer";
    }));
    await attempt("throws", async () => storage.transactionSync(() => {
      storage.put("a", 2);
      storage.put("b", 2);
      throw new RangeError("no");
    }));
    print("a and b", await storage.get("a"), await storage.get("b"));
    storage.transactionSync(() => {
      storage.put("outer", 1);
      try {
        storage.transactionSync(() => {
          storage.put("inner", 1);
          throw new Error("inner");
        });
      } catch (error) {
        print("inner", error);
      }
    });
    print("left", await storage.list());
    await attempt("without a callback", async () => storage.transactionSync());
    await attempt("with a promise", async () => storage.transactionSync(async () => 5));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
