// Names that begin with _cf_ are the platform's.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const query of ["CREATE TABLE _cf_mine (a)", "CREATE TABLE _CF_mine (a)", "SELECT * FROM _cf_KV", "DROP TABLE _cf_KV", "INSERT INTO _cf_KV VALUES ('a', 'b')", "CREATE VIEW _cf_view AS SELECT 1", "CREATE INDEX _cf_index ON t (a)", "CREATE TABLE t (_cf_column)", "ALTER TABLE t RENAME TO _cf_t", "CREATE TABLE cf_fine (a)"]) {
      await attempt(query, async () => sql.exec(query).toArray());
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
