// Messages of queries that are wrong.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const query of ["SELEC 1", "SELECT", "SELECT * FROM missing", "SELECT missing", "SELECT * FROM (SELECT 1", "INSERT INTO missing VALUES (1)", "SELECT 'open", "CREATE TABLE t", "SELECT 1 1", "DROP TABLE missing", "SELECT nofunction(1)", "SELECT abs()"]) {
      await attempt(query, async () => sql.exec(query).toArray());
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
