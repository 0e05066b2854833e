// rowsRead and rowsWritten.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const made = sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)");
    print("create", made.rowsRead, made.rowsWritten);
    const inserted = sql.exec("INSERT INTO t (a) VALUES ('x'), ('y'), ('z')");
    print("insert", inserted.rowsRead, inserted.rowsWritten);
    const all = sql.exec("SELECT * FROM t");
    all.toArray();
    print("select", all.rowsRead, all.rowsWritten);
    const one = sql.exec("SELECT * FROM t WHERE id = 2");
    one.toArray();
    print("by key", one.rowsRead, one.rowsWritten);
    const updated = sql.exec("UPDATE t SET a = 'w' WHERE id > 1");
    print("update", updated.rowsRead, updated.rowsWritten);
    const deleted = sql.exec("DELETE FROM t WHERE id = 1");
    print("delete", deleted.rowsRead, deleted.rowsWritten);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
