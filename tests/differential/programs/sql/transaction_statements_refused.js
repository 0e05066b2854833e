// Transactions are storage's: their statements are refused.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const query of ["BEGIN", "BEGIN TRANSACTION", "BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a"]) {
      await attempt(query, async () => sql.exec(query).toArray());
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
