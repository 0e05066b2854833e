// Scripts of several statements: all run; bindings and rows are the last one's.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("rows", sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT * FROM t").toArray());
    print("bindings", sql.exec("DELETE FROM t WHERE a = 1; INSERT INTO t VALUES (?), (?); ", 7, 8).toArray());
    print("table", sql.exec("SELECT a FROM t ORDER BY a").toArray());
    await attempt("bindings for the first", async () => sql.exec("INSERT INTO t VALUES (?); SELECT 1", 9).toArray());
    await attempt("comments", async () => sql.exec("-- nothing\nSELECT 1 AS a; -- end\n/* more */").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
