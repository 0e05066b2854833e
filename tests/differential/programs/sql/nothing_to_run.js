// Queries without a statement.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const query of ["", " ", ";", "-- comment", "/* a */ ;"]) {
      await attempt(JSON.stringify(query), async () => sql.exec(query).toArray());
    }
    await attempt("no query", async () => sql.exec());
    await attempt("not text", async () => sql.exec(5).toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
