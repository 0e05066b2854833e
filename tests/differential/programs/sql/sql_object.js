// What storage.sql is as an object.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("tag", Object.prototype.toString.call(sql), sql.constructor.name, sql === this.ctx.storage.sql);
    print("members", ["exec", "databaseSize", "Cursor", "Statement", "prepare", "ingest"].map((name) => `${name} ${typeof sql[name]}`));
    print("cursor", ["next", "toArray", "one", "raw", "columnNames", "rowsRead", "rowsWritten", "reusedCachedQueryForTest"].map((name) => `${name} ${typeof sql.exec("SELECT 1")[name]}`));
    print("instanceof", sql.Cursor === undefined ? undefined : sql.exec("SELECT 1") instanceof sql.Cursor);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
