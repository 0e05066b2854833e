// raw(): rows as arrays.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const raw = sql.exec("SELECT 1 AS a, 2 AS a, 'x' AS b UNION ALL SELECT 3, 4, NULL").raw();
    print("kind", Object.prototype.toString.call(raw), typeof raw.next, typeof raw.toArray, typeof raw[Symbol.iterator]);
    print("next", raw.next());
    print("rest", [...raw]);
    print("toArray", sql.exec("SELECT 1, 2").raw().toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
