// An index costs a written row for each insert.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a, b)");
    sql.exec("CREATE INDEX i ON t (a)");
    print("insert", sql.exec("INSERT INTO t VALUES (1, 2)").rowsWritten);
    const found = sql.exec("SELECT b FROM t WHERE a = 1");
    found.toArray();
    print("by index", found.rowsRead);
    print("update of b", sql.exec("UPDATE t SET b = 3").rowsWritten);
    print("update of a", sql.exec("UPDATE t SET a = 3").rowsWritten);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
