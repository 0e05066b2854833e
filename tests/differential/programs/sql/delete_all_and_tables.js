// deleteAll() takes tables away, too.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    await this.ctx.storage.put("key", 1);
    await this.ctx.storage.deleteAll();
    print("schema", sql.exec("SELECT name FROM sqlite_master").toArray(), await this.ctx.storage.get("key"));
    await attempt("select", async () => sql.exec("SELECT * FROM t").toArray());
    sql.exec("CREATE TABLE t (b)");
    print("again", sql.exec("SELECT * FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
