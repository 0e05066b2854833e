// Messages of constraints that are violated.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b UNIQUE, c CHECK (c > 0), d REFERENCES t(id))");
    sql.exec("INSERT INTO t VALUES (1, 'x', 1, 1, NULL)");
    const queries = { primary: "INSERT INTO t VALUES (1, 'x', 2, 1, NULL)", "not null": "INSERT INTO t VALUES (2, NULL, 2, 1, NULL)", unique: "INSERT INTO t VALUES (3, 'x', 1, 1, NULL)", check: "INSERT INTO t VALUES (4, 'x', 4, 0, NULL)", foreign: "INSERT INTO t VALUES (5, 'x', 5, 1, 99)", type: "INSERT INTO t VALUES ('text', 'x', 6, 1, NULL)" };
    for (const [name, query] of Object.entries(queries)) await attempt(name, async () => sql.exec(query).toArray());
    print("rows", sql.exec("SELECT id FROM t").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
