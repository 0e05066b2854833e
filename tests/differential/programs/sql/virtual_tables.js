// Which virtual tables there are.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const [name, query] of Object.entries({ fts5: "CREATE VIRTUAL TABLE a USING fts5 (x)", fts4: "CREATE VIRTUAL TABLE b USING fts4 (x)", fts3: "CREATE VIRTUAL TABLE c USING fts3 (x)", rtree: "CREATE VIRTUAL TABLE d USING rtree (id, x0, x1)", geopoly: "CREATE VIRTUAL TABLE e USING geopoly (a)", dbstat: "SELECT * FROM dbstat", stmt: "SELECT * FROM sqlite_stmt", series: "SELECT * FROM generate_series(1, 3)", csv: "CREATE VIRTUAL TABLE f USING csv (filename='x')" })) {
      await attempt(name, async () => sql.exec(query).toArray().length);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
