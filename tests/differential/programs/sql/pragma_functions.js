// Pragmas as table-valued functions.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)");
    for (const query of ["SELECT name, type FROM pragma_table_info('t')", "SELECT name FROM pragma_index_list('t')", "SELECT * FROM pragma_page_count", "SELECT * FROM pragma_database_list"]) {
      await attempt(query, async () => sql.exec(query).toArray());
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
