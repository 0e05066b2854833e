// The options of what reads and writes are taken, and what are none is refused.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("a", 1, { allowUnconfirmed: true });
    await storage.put({ b: 2 }, { allowUnconfirmed: true, noCache: true });
    print("get", await storage.get("a", { allowConcurrency: true }), await storage.get(["b"], { noCache: true }));
    print("delete", await storage.delete("a", { allowUnconfirmed: true }));
    print("list", await storage.list({ allowConcurrency: true, noCache: true }));
    const due = Date.now() + 3_600_000;
    await storage.setAlarm(due, { allowUnconfirmed: true, allowConcurrency: true });
    print("alarm", (await storage.getAlarm({ allowConcurrency: true })) === due);
    await storage.deleteAlarm({ allowUnconfirmed: true, allowConcurrency: true });
    print("alarm", await storage.getAlarm({ noCache: true }));
    await storage.transaction(async (transaction) => {
      await transaction.put("t", 1, { allowUnconfirmed: true, noCache: true });
      print("in a transaction", await transaction.get("t", { allowConcurrency: true }), await transaction.list({ noCache: true }));
    });
    print("null", await storage.get("b", null), await storage.put("n", 1, null), await storage.delete("n", null));
    print("undefined", await storage.get("b", undefined), await storage.getAlarm(undefined));
    print("others", await storage.get("b", { allowConcurrency: "yes", noCache: 0, unknown: 1 }));
    for (const options of [5, "x", true, null]) {
      await attempt(`getAlarm with ${options}`, () => storage.getAlarm(options));
      await attempt(`setAlarm with ${options}`, () => storage.setAlarm(due, options));
      await attempt(`deleteAlarm with ${options}`, () => storage.deleteAlarm(options));
      await attempt(`delete with ${options}`, () => storage.delete("x", options));
      await attempt(`list with ${options}`, () => storage.list(options));
      await attempt(`many with ${options}`, () => storage.put({ m: 1 }, options));
    }
    await attempt("deleteAll with 5", () => storage.deleteAll(5));
    await attempt("transaction with 5", () => storage.transaction(async () => "done", 5));
    await attempt("setAlarm with no time", () => storage.setAlarm("x", 5));
    await attempt("put with 5", () => storage.put("c", 1, 5));
    await attempt("get with text", () => storage.get("c", "x"));
    await storage.deleteAll({ allowUnconfirmed: true });
    print("nothing", await storage.list());
    return new Response();
  }

  alarm() {}
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
