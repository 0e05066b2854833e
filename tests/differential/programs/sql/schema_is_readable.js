// What sqlite_master shows, before and after storage's other API was used.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("empty", sql.exec("SELECT name FROM sqlite_master").toArray());
    sql.exec("CREATE TABLE t (a TEXT)");
    print("table", sql.exec("SELECT type, name, tbl_name, sql FROM sqlite_master").toArray());
    await this.ctx.storage.put("key", 1);
    print("with keys", sql.exec("SELECT type, name FROM sqlite_master ORDER BY name").toArray());
    await attempt("write", async () => sql.exec("DELETE FROM sqlite_master"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
