// one(): exactly one row.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("one", sql.exec("SELECT 1 AS a").one());
    await attempt("none", async () => sql.exec("SELECT 1 AS a WHERE 0").one());
    await attempt("two", async () => sql.exec("SELECT 1 AS a UNION SELECT 2").one());
    const cursor = sql.exec("SELECT 1 AS a");
    cursor.one();
    await attempt("again", async () => cursor.one());
    await attempt("of a statement without rows", async () => sql.exec("CREATE TABLE t (a)").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
