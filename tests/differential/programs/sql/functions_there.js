// Functions of SQLite that are there.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const calls = ["abs(-1)", "changes()", "char(65, 8364)", "coalesce(NULL, 2)", "concat('a', NULL, 'b')", "concat_ws('-', 'a', 'b')", "format('%05.1f', 3.14159)", "glob('a*', 'abc')", "hex('ab')", "iif(1, 'y', 'n')", "ifnull(NULL, 1)", "instr('hello', 'l')", "length('é')", "octet_length('é')", "like('A%', 'abc')", "lower('ÀB')", "ltrim('  a')", "max(1, 2)", "min(1, 2)", "nullif(1, 1)", "printf('%d', 5)", "quote('it''s')", "replace('aaa', 'a', 'b')", "round(2.567, 2)", "sign(-3)", "substr('hello', 2, 3)", "substring('hello', -3)", "trim('xax', 'x')", "typeof(1)", "unhex('4142')", "unicode('€')", "upper('é')", "zeroblob(3)", "last_insert_rowid()", "total_changes() >= 0", "likelihood(1, 0.5)", "likely(1)", "unlikely(0)", "length(randomblob(4))", "random() IS NOT NULL", "soundex('x')", "sqlite_version() IS NOT NULL"];
    for (const call of calls) await attempt(call, async () => sql.exec(`SELECT ${call} AS v`).one().v);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
