// A cursor that is open while its table changes.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT a FROM t");
    print("first", cursor.next().value);
    sql.exec("INSERT INTO t VALUES (4)");
    sql.exec("DELETE FROM t WHERE a = 2");
    await attempt("rest", async () => cursor.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
