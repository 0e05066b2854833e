// A query that is run again while its cursor is still open.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
    const first = sql.exec("SELECT a FROM t ORDER BY a");
    print("first", first.next().value);
    const second = sql.exec("SELECT a FROM t ORDER BY a");
    print("second", second.next().value, second.next().value);
    print("rest", first.toArray(), second.toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
