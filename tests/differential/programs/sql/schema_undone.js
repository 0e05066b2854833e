// Changes of the schema are undone with their transaction.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    await attempt("transaction", async () => this.ctx.storage.transactionSync(() => {
      sql.exec("CREATE TABLE t (a)");
      sql.exec("INSERT INTO t VALUES (1)");
      throw new Error("no");
    }));
    await attempt("table", async () => sql.exec("SELECT * FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
