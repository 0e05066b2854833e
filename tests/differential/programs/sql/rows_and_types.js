// SQL's types as JavaScript's values, there and back.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("literals", sql.exec("SELECT 1 AS i, 1.5 AS f, 'text' AS t, NULL AS n, x'0102' AS b, '' AS e").one());
    print("bound", sql.exec("SELECT ? AS i, ? AS f, ? AS t, ? AS n, ? AS b", 1, 1.5, "é", null, new Uint8Array([1, 2]).buffer).one());
    print("typeof", sql.exec("SELECT typeof(?1) AS a, typeof(?2) AS b, typeof(?3) AS c, typeof(?4) AS d, typeof(?5) AS e", 1, 1.5, "x", null, new ArrayBuffer(2)).one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
