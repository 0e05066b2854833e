// Statements that reach outside of the database, or change how it works.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const query of ["ATTACH 'x.db' AS x", "ATTACH ':memory:' AS x", "DETACH main", "VACUUM", "VACUUM INTO 'x'", "REINDEX", "ANALYZE", "CREATE TEMP TABLE t (a)", "CREATE TEMPORARY VIEW v AS SELECT 1", "EXPLAIN SELECT 1", "EXPLAIN QUERY PLAN SELECT 1"]) {
      await attempt(query, async () => sql.exec(query).toArray().length > 0);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
