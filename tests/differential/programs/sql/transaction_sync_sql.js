// transactionSync() with SQL: undone as a whole; nested ones alone.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const { storage } = this.ctx;
    const { storage: store } = this.ctx;
    sql.exec("CREATE TABLE t (a)");
    await attempt("outer", async () => store.transactionSync(() => {
      sql.exec("INSERT INTO t VALUES (1)");
      throw new Error("no");
    }));
    print("rows", sql.exec("SELECT a FROM t").toArray());
    store.transactionSync(() => {
      sql.exec("INSERT INTO t VALUES (2)");
      try {
        store.transactionSync(() => {
          sql.exec("INSERT INTO t VALUES (3)");
          throw new Error("inner");
        });
      } catch {
        sql.exec("INSERT INTO t VALUES (4)");
      }
    });
    print("nested", sql.exec("SELECT a FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
