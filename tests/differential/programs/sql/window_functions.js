// Window functions, common table expressions, upserts, RETURNING.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER)");
    print("upsert", sql.exec("INSERT INTO t VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n RETURNING *").toArray());
    print("again", sql.exec("INSERT INTO t VALUES ('a', 5) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n RETURNING *").toArray());
    sql.exec("INSERT INTO t VALUES ('b', 2), ('c', 9)");
    print("window", sql.exec("SELECT k, row_number() OVER (ORDER BY n) AS r, lag(k) OVER (ORDER BY n) AS l, sum(n) OVER (ORDER BY k) AS s FROM t ORDER BY k").toArray());
    print("recursive", sql.exec("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT group_concat(n) AS g FROM c").one());
    print("delete", sql.exec("DELETE FROM t WHERE n > 5 RETURNING k").toArray());
    print("replace", sql.exec("REPLACE INTO t VALUES ('b', 3)").rowsWritten > 0);
    print("string_agg", sql.exec("SELECT string_agg(k, '+' ORDER BY k DESC) AS g FROM t").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
