// for...of over a cursor, a break in the middle, and going on.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const cursor = sql.exec("SELECT value AS v FROM json_each('[1,2,3,4]')");
    for (const { v } of cursor) {
      print("row", v);
      if (v === 2) break;
    }
    print("rest", cursor.toArray());
    print("spread", [...sql.exec("SELECT 1 AS a UNION SELECT 2")]);
    const [first] = sql.exec("SELECT 5 AS x UNION SELECT 6");
    print("destructured", first);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
