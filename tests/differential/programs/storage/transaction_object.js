// What a transaction is as an object.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const { storage } = this.ctx;
    await storage.transaction(async (transaction) => {
      print("kind", Object.prototype.toString.call(transaction), transaction.constructor.name);
      print("methods", ["get", "put", "delete", "list", "rollback", "deleteAll", "getAlarm", "setAlarm", "deleteAlarm", "sync", "transaction", "sql", "kv"].map((name) => `${name} ${typeof transaction[name]}`));
      await attempt("deleteAll", () => transaction.deleteAll());
    });
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
