// transaction() with SQL inside.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a)");
    await attempt("undone", () => this.ctx.storage.transaction(async () => {
      sql.exec("INSERT INTO t VALUES (1)");
      await this.ctx.storage.put("k", 1);
      throw new Error("no");
    }));
    print("rows", sql.exec("SELECT a FROM t").toArray(), await this.ctx.storage.get("k"));
    await this.ctx.storage.transaction(async (transaction) => {
      sql.exec("INSERT INTO t VALUES (2)");
      transaction.rollback();
    });
    print("rolled back", sql.exec("SELECT a FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
