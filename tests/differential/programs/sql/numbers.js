// Numbers at the edges of what doubles and integers hold.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("large", sql.exec("SELECT 9007199254740993 AS a, 9223372036854775807 AS b, -9223372036854775808 AS c").one());
    print("bound", sql.exec("SELECT ? AS a, typeof(?1) AS t", 2 ** 53).one());
    print("fraction", sql.exec("SELECT ? AS a, typeof(?1) AS t", 0.1).one());
    print("negative zero", sql.exec("SELECT ? AS a, typeof(?1) AS t", -0).one());
    print("infinite", sql.exec("SELECT ? AS a", Infinity).one());
    print("nan", sql.exec("SELECT ? AS a", NaN).one());
    print("sum", sql.exec("SELECT 1e300 * 1e300 AS a, 5 / 2 AS b, 5 / 2.0 AS c, 7 % 3 AS d").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
