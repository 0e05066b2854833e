// rowsRead grows as a cursor goes on.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a)");
    sql.exec("INSERT INTO t SELECT value FROM json_each('[1,2,3,4]')");
    const cursor = sql.exec("SELECT a FROM t");
    cursor.next();
    const early = cursor.rowsRead;
    cursor.toArray();
    print("early is less", early < cursor.rowsRead, cursor.rowsRead);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
