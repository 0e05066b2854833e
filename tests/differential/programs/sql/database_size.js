// databaseSize: a number of bytes that grows with what is stored.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const before = sql.databaseSize;
    print("kind", typeof before, Number.isInteger(before));
    sql.exec("CREATE TABLE t (a)");
    sql.exec("INSERT INTO t VALUES (zeroblob(100000))");
    print("grown", sql.databaseSize - before >= 100000, sql.databaseSize % 4096);
    sql.exec("DROP TABLE t");
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
