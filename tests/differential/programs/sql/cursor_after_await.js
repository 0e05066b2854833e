// A cursor that is used after an await.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const { storage } = this.ctx;
    sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT a FROM t");
    print("first", cursor.next().value);
    await this.ctx.storage.get("x");
    await attempt("after storage", async () => cursor.next().value);
    await this.ctx.storage.sync();
    await attempt("after sync", async () => cursor.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
