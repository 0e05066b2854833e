// A row as an object when columns have one name.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("row", sql.exec("SELECT 1 AS a, 2 AS a, 3 AS b").one());
    print("keys", Object.keys(sql.exec("SELECT 1 AS b, 2 AS a, 3 AS \"10\", 4 AS \"2\"").one()));
    print("proto", Object.getPrototypeOf(sql.exec("SELECT 1 AS a").one()) === Object.prototype);
    print("odd name", sql.exec("SELECT 1 AS \"__proto__\", 2 AS \"constructor\"").toArray().map((row) => Object.keys(row)));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
