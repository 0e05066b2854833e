// How long a value may be.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (v)");
    for (const size of [1_000_000, 2_000_000, 2 * 1024 * 1024]) {
      await attempt(`text of ${size}`, async () => {
        sql.exec("DELETE FROM t");
        sql.exec("INSERT INTO t VALUES (?)", "x".repeat(size - 100));
        return sql.exec("SELECT length(v) AS n FROM t").one().n;
      });
    }
    await attempt("made by SQL", async () => sql.exec("SELECT length(zeroblob(1000000)) AS n").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
