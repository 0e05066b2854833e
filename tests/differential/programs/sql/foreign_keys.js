// Foreign keys are enforced, and can be deferred within a transaction.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent ON DELETE CASCADE)");
    await attempt("orphan", async () => sql.exec("INSERT INTO child VALUES (1, 1)"));
    sql.exec("INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1)");
    sql.exec("DELETE FROM parent");
    print("cascade", sql.exec("SELECT count(*) AS n FROM child").one());
    await attempt("deferred", async () => this.ctx.storage.transactionSync(() => {
      sql.exec("PRAGMA defer_foreign_keys = on");
      sql.exec("INSERT INTO child VALUES (2, 5)");
      sql.exec("INSERT INTO parent VALUES (5)");
    }));
    print("child", sql.exec("SELECT * FROM child").toArray());
    await attempt("deferred and never there", async () => this.ctx.storage.transactionSync(() => {
      sql.exec("PRAGMA defer_foreign_keys = on");
      sql.exec("INSERT INTO child VALUES (3, 6)");
    }));
    print("left", sql.exec("SELECT * FROM child").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
