// exec() runs a statement at once, without anyone reading its rows.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a)");
    sql.exec("INSERT INTO t VALUES (1), (2)");
    print("rows", sql.exec("SELECT count(*) AS n FROM t").one());
    const cursor = sql.exec("INSERT INTO t VALUES (3) RETURNING a");
    print("before reading", sql.exec("SELECT count(*) AS n FROM t").one());
    print("read", cursor.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
