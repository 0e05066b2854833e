// Functions that are not for programs.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const call of ["load_extension('x')", "sqlite_compileoption_get(0)", "sqlite_compileoption_used('X')", "sqlite_source_id()", "sqlite_offset(1)", "fts3_tokenizer('x')", "readfile('x')", "writefile('x', 'y')", "edit('x')", "eval('x')", "sqlite_log(1, 'x')"]) {
      await attempt(call, async () => sql.exec(`SELECT ${call} AS v`).one().v);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
