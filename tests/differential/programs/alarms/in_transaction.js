// setAlarm() within a transaction is undone with it.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Clock extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attempt("undone", () => storage.transaction(async (transaction) => {
      await transaction.setAlarm(Date.now() + 100_000);
      print("inside", (await transaction.getAlarm()) === null);
      throw new Error("no");
    }));
    print("after", (await storage.getAlarm()) === null);
    await storage.transaction(async (transaction) => {
      await transaction.setAlarm(Date.now() + 100_000);
    });
    print("committed", (await storage.getAlarm()) === null);
    await attempt("deleted", () => storage.transaction(async (transaction) => {
      await transaction.deleteAlarm();
      transaction.rollback();
    }));
    print("delete undone", (await storage.getAlarm()) === null);
    await storage.deleteAlarm();
    return new Response();
  }

  alarm() {}
}

export default (env) => env.Clock.getByName("c").fetch("http://c/");
