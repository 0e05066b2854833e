// columnNames, with and without rows, with names that are equal or odd.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("names", sql.exec("SELECT 1 AS a, 2 AS \"b c\", 3, 4 AS a, count(*) FROM (SELECT 1)").columnNames);
    print("no rows", sql.exec("SELECT 1 AS a WHERE 0").columnNames);
    print("no columns", sql.exec("CREATE TABLE t (x)").columnNames);
    const inserted = sql.exec("INSERT INTO t VALUES (5) RETURNING x AS y, rowid");
    print("insert returning", inserted.columnNames, inserted.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
