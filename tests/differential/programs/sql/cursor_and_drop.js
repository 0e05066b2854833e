// A table cannot be dropped under an open cursor, or can it?
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
    const cursor = sql.exec("SELECT a FROM t");
    cursor.next();
    await attempt("drop", async () => sql.exec("DROP TABLE t").toArray());
    await attempt("rest", async () => cursor.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
