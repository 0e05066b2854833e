// Storage's keys and SQL are in one transaction and one order.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a)");
    this.ctx.storage.put("k", 1);
    sql.exec("INSERT INTO t VALUES (1)");
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.kv?.put("k", 2);
      sql.exec("INSERT INTO t VALUES (2)");
    });
    print("both", await this.ctx.storage.get("k"), sql.exec("SELECT a FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
