// exec() with template text and with many spaces, quotes and unicode names.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("unicode name", sql.exec('SELECT 1 AS "größe 🙂"').one());
    print("brackets", sql.exec("SELECT 1 AS [a b], 2 AS `c d`").one());
    sql.exec('CREATE TABLE "sel ect" ("from" TEXT)');
    print("quoted table", sql.exec('INSERT INTO "sel ect" VALUES (?) RETURNING "from"', "x").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
