// Date functions with times that are given.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const call of ["date('2024-02-28', '+1 day')", "time('12:34:56', '-1 hour')", "datetime(0, 'unixepoch')", "julianday('2000-01-01')", "strftime('%Y-%m-%d %H:%M:%f', '2024-01-02 03:04:05.678')", "unixepoch('2024-01-01')", "timediff('2024-01-02', '2024-01-01')", "date('nonsense')", "strftime('%j %w %W', '2024-12-31')", "datetime('2024-01-31', 'start of month', '+1 month', '-1 day')"]) {
      await attempt(call, async () => sql.exec(`SELECT ${call} AS v`).one().v);
    }
    print("now is text", typeof sql.exec("SELECT datetime('now') AS v").one().v, sql.exec("SELECT abs(unixepoch() - ?) < 100 AS v", Date.now() / 1000).one().v);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
