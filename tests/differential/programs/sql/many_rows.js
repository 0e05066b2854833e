// Tens of thousands of rows through one cursor.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    sql.exec("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000) INSERT INTO t SELECT n, 'row ' || n FROM c");
    let sum = 0;
    for (const { a } of sql.exec("SELECT a FROM t")) sum += a;
    print("sum", sum);
    const cursor = sql.exec("SELECT * FROM t WHERE a > 19998");
    print("last", cursor.toArray(), cursor.rowsRead);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
