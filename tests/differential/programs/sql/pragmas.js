// Pragmas that answer, and those that are refused.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x')");
    sql.exec("CREATE INDEX i ON t (a)");
    const pragmas = ["table_info(t)", "table_xinfo(t)", "table_list", "index_list(t)", "index_info(i)", "index_xinfo(i)", "foreign_key_list(t)", "foreign_key_check", "quick_check", "foreign_keys", "case_sensitive_like = true", "defer_foreign_keys = on", "ignore_check_constraints = true", "legacy_alter_table = on", "recursive_triggers = on", "reverse_unordered_selects = on", "data_version", "function_list", "pragma_list", "optimize",
      "journal_mode", "journal_mode = delete", "synchronous = off", "page_size", "page_count", "max_page_count = 5", "user_version", "user_version = 5", "application_id", "encoding", "writable_schema = on", "schema_version", "integrity_check", "database_list", "cache_size", "temp_store", "wal_checkpoint", "secure_delete", "compile_options", "collation_list", "busy_timeout", "unknown_pragma"];
    for (const pragma of pragmas) {
      await attempt(`PRAGMA ${pragma}`, async () => {
        const rows = sql.exec(`PRAGMA ${pragma}`).toArray();
        return ["table_list", "function_list", "pragma_list", "data_version"].some((name) => pragma.startsWith(name)) ? rows.length > 0 : rows;
      });
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
