// Texts with NUL, lone surrogates and emoji; collations; LIKE and its case.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    print("nul", sql.exec("SELECT ? AS a, length(?1) AS n", "a\u0000b").one());
    print("emoji", sql.exec("SELECT ? AS a, length(?1) AS n, hex(?1) AS h", "🙂").one());
    print("lone surrogate", sql.exec("SELECT hex(?) AS h", "\ud83d").one());
    print("like", sql.exec("SELECT 'ABC' LIKE 'abc' AS a, 'É' LIKE 'é' AS b, 'a_c' LIKE 'a\\_c' ESCAPE '\\' AS c").one());
    print("nocase", sql.exec("SELECT 'ABC' = 'abc' COLLATE NOCASE AS a, 'a ' = 'a' COLLATE RTRIM AS b").one());
    print("double quotes", (() => {
      try {
        return sql.exec('SELECT "text" AS a').one();
      } catch (error) {
        return error.message;
      }
    })());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
