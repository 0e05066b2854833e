// STRICT tables, generated columns, WITHOUT ROWID, triggers and views.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED) STRICT");
    sql.exec("INSERT INTO t (a) VALUES (4)");
    print("generated", sql.exec("SELECT * FROM t").toArray());
    await attempt("strict", async () => sql.exec("INSERT INTO t (a) VALUES ('x')"));
    await attempt("generated write", async () => sql.exec("INSERT INTO t (a, b) VALUES (1, 2)"));
    sql.exec("CREATE TABLE log (x); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END");
    sql.exec("INSERT INTO t (a) VALUES (6)");
    print("trigger", sql.exec("SELECT * FROM log").toArray());
    sql.exec("CREATE VIEW v AS SELECT sum(b) AS total FROM t");
    print("view", sql.exec("SELECT * FROM v").one());
    sql.exec("CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID");
    print("without rowid", sql.exec("INSERT INTO w VALUES ('a', 1)").rowsWritten);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
