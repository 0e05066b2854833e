// toArray() again, and after next().
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const cursor = sql.exec("SELECT value AS v FROM json_each('[1,2,3]')");
    cursor.next();
    print("after next", cursor.toArray());
    print("again", cursor.toArray());
    print("no rows", sql.exec("SELECT 1 WHERE 0").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
