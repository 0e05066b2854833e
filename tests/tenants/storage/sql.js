import { said, saidLater, told } from "./said.js";

const repeat = (what, times, between) => Array(times).fill(what).join(between);

const queries = {
  nothing: ["", ";", "-- nothing", "SELECT 1; -- nothing", "/* nothing */"],
  syntax: ["SELECT ;", "SELEC", "SELECT * FROM nope", "SELECT X'4'", "SELECT 'open", "SELECT nope(1)", "SELECT a FROM (SELECT 1 AS b)", "UPDATE nope SET a = 1", "ALTER TABLE nope RENAME TO x", "SELECT 1 2 3", "INSERT INTO nope VALUES (1)", "CREATE TABLE sqlite_x(a)"],
  parameters: ["SELECT ?", "SELECT 1; SELECT ?", "SELECT ?; SELECT 1"],
  transactions: ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT x", "RELEASE x", "ROLLBACK TO x"],
  refused: ["ATTACH 'x' AS y", "DETACH x", "PRAGMA page_size = 1", "PRAGMA journal_mode = WAL", "PRAGMA user_version = 5", "PRAGMA user_version", "PRAGMA function_list", "PRAGMA writable_schema = 1", "PRAGMA foreign_keys = perhaps", "SELECT sqlite_version()", "SELECT sqlite_source_id()", "CREATE TEMP TABLE x(a)", "CREATE VIRTUAL TABLE z USING csv(a)", "CREATE VIRTUAL TABLE z USING dbstat", "SELECT * FROM dbstat", "SELECT * FROM generate_series(1, 3)", "VACUUM", "DELETE FROM sqlite_master", "UPDATE sqlite_master SET name = 1"],
  reserved: ["CREATE TABLE _cf_x(a)", "CREATE TABLE _CF_x(a)", "CREATE VIEW _cf_x AS SELECT 1", "CREATE TABLE a(b); ALTER TABLE a RENAME TO _cf_a", "CREATE INDEX _cf_i ON a(b)", "SELECT * FROM _cf_KV", "PRAGMA table_info(_cf_KV)"],
  literals: ["SELECT 1", "SELECT 1 -- comment", "SELECT 1;\n\t ", "SELECT 9223372036854775807 AS n, -9223372036854775808 AS m, 9007199254740993 AS o", "SELECT 1.5, -0.0, 1e300 * 1e300, 0.1 + 0.2", "SELECT x'' AS e, x'00ff' AS b, zeroblob(3) AS z", "SELECT NULL, 'é 🚀', 'a' || char(0) || 'b' AS z", "SELECT \"quoted\", 'x' AS \"a b\"", "SELECT 1 AS a, 2 AS a, 3 AS b", "SELECT true, false", "VALUES (1, 2), (3, 4)", "SELECT 1 UNION ALL SELECT 'two' UNION ALL SELECT 3.5", "SELECT typeof(1), typeof(1.0), typeof('1'), typeof(x'1'), typeof(NULL)"],
  functions: ["SELECT abs(-3), upper('aä'), substr('hello', 2, 3), hex('abc'), coalesce(NULL, 2), iif(1, 2, 3)", "SELECT json('{\"a\": [1, 2]}'), json_extract('{\"a\":[1,2]}', '$.a[1]'), '{\"a\":{\"b\":3}}' -> '$.a', '{\"a\":4}' ->> 'a'", "SELECT value FROM json_each('[1, \"b\", null]')", "SELECT key, value, path FROM json_tree('{\"a\": [1]}')", "SELECT json('{bad')", "SELECT json_group_array(value) FROM json_each('[3,4]')", "SELECT pow(2, 3), sqrt(16), floor(2.7), pi() > 3, log(100), mod(7, 4), trunc(2.9)", "SELECT printf('%d %s', 5, 'x'), format('%.2f', 1.005), quote('it''s')", "SELECT date('2026-01-02'), datetime(0, 'unixepoch'), strftime('%Y', '2026-05-05'), unixepoch('2026-01-01')", "SELECT group_concat(value, '-'), sum(value), avg(value), total(value), count(*), max(value), min(value) FROM json_each('[1,2,3]')", "SELECT value, row_number() OVER (ORDER BY value DESC) AS n, lag(value) OVER (ORDER BY value) AS l FROM json_each('[5,6,7]')", "SELECT 'abc' LIKE 'A%', 'abc' GLOB 'a*', 'a' IN ('a', 'b'), x'61' LIKE 'a'", "SELECT abs(-9223372036854775808)", "SELECT length('é'), octet_length('é'), unicode('é'), char(233)", "SELECT nullif(1, 1), ifnull(NULL, 5), typeof(random()), length(randomblob(4))", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) AS s FROM r", "SELECT changes() AS c, last_insert_rowid() AS l, total_changes() > 0 AS t"],
  pragmas: ["PRAGMA foreign_keys", "PRAGMA defer_foreign_keys = 'YES'; PRAGMA defer_foreign_keys", "PRAGMA case_sensitive_like = 1", "PRAGMA quick_check", "PRAGMA quick_check(3)", "PRAGMA recursive_triggers", "PRAGMA foreign_key_check", "PRAGMA optimize", "ANALYZE", "REINDEX", "EXPLAIN QUERY PLAN SELECT 1"],
  limits: [`SELECT ${repeat(1, 100, ",")} `, `SELECT ${repeat(1, 101, ",")}`, `SELECT '${"x".repeat(99_991)}' = ''`, `SELECT '${"x".repeat(100_000)}'`, `SELECT 'a' LIKE '${"x".repeat(50)}'`, `SELECT 'a' LIKE '${"x".repeat(51)}'`, `SELECT ${repeat(1, 100, "+")} AS n`, `SELECT ${repeat(1, 101, "+")} AS n`, repeat("SELECT 1", 5, " UNION ALL "), repeat("SELECT 1", 6, " UNION ALL "), `SELECT max(${repeat(1, 127, ",")}) AS n`, `SELECT max(${repeat(1, 128, ",")}) AS n`, "SELECT ?101", "SELECT length(zeroblob(2200000))", "SELECT length(zeroblob(2200001))", `CREATE TABLE w(${Array.from({ length: 101 }, (_, i) => `c${i}`).join()})`],
};

const bindings = {
  true: true, false: false, bigint: 5n, object: { a: 1 }, array: [1, 2], function: Math.max, symbol: Symbol("x"), undefined: undefined, null: null,
  bytes: new Uint8Array([1, 2]), view: new DataView(new ArrayBuffer(2)), buffer: new ArrayBuffer(3), part: new Uint8Array([1, 2, 3, 4]).subarray(1, 3), nan: NaN, infinity: Infinity,
  boxed: new String("x"), number: 3, half: 1.5, minus: -0, text: "é 🚀", zero: "a\0b", empty: "", emptyBytes: new Uint8Array(),
};

export const sql = {
  ...Object.fromEntries(
    Object.entries(queries).map(([name, each]) => [
      `sql_${name}`,
      ({ storage }) => Object.fromEntries(each.map((query) => [query.slice(0, 80), told(storage.sql, query)])),
    ]),
  ),

  sql_bindings: ({ storage }) =>
    Object.fromEntries(
      Object.entries(bindings).map(([name, value]) => [
        name,
        said(() => storage.sql.exec("SELECT typeof(?1) AS t, ?1 AS v, CAST(?1 AS TEXT) AS c", value).one()),
      ]),
    ),
  sql_named_parameters: ({ storage: { sql } }) => [
    told(sql, "SELECT :a AS x, @b AS y, $c AS z", 5, 6, 7), told(sql, "SELECT ?2 AS x", 5, 6), told(sql, "SELECT ?1 AS x, ?1 AS y", 5), told(sql, "SELECT ?", 1, 2),
  ],
  sql_arguments: ({ storage: { sql } }) => [
    said(() => sql.exec()), said(() => sql.exec(5)), said(() => sql.exec(null)), said(() => sql.exec({ toString: () => "SELECT 7" }).one()), said(() => sql.exec(Symbol("x"))),
  ],

  sql_writes({ storage: { sql } }) {
    sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE NOT NULL, b CHECK(b IS NULL OR b > 0)); CREATE INDEX tb ON t(b);");
    return [
      "INSERT INTO t VALUES (1,'a',1),(2,'b',2),(3,'c',3)", "INSERT INTO t VALUES (1,'z',1)", "INSERT INTO t VALUES (9,'a',1)", "INSERT INTO t VALUES (9,NULL,1)",
      "INSERT INTO t VALUES (9,'x',-1)", "INSERT INTO t VALUES ('x','x',1)", "INSERT INTO t(id,a) VALUES (5,'e') RETURNING id, a", "SELECT * FROM t", "SELECT count(*) FROM t",
      "SELECT * FROM t WHERE id = 2", "SELECT * FROM t WHERE b > 1", "SELECT * FROM t ORDER BY a DESC LIMIT 2", "SELECT * FROM t WHERE id IN (1, 2, 99)", "SELECT * FROM t WHERE a = 'nope'",
      "SELECT max(id) FROM t", "SELECT t.a, u.a FROM t JOIN t AS u ON t.id = u.id + 1", "UPDATE t SET b = 7 WHERE id < 3", "UPDATE t SET a = a || '!'", "DELETE FROM t WHERE id = 1",
      "INSERT INTO t VALUES (2,'q',1) ON CONFLICT(id) DO UPDATE SET b = 9", "INSERT OR IGNORE INTO t VALUES (2,'q',1)", "REPLACE INTO t VALUES (2,'r',4)",
      "DELETE FROM t WHERE id > 0 ORDER BY id LIMIT 1", "DELETE FROM t", "SELECT changes() AS c", "DROP TABLE t",
    ].map((query) => [query, told(sql, query)]);
  },
  sql_upsert_again_and_again({ storage: { sql } }) {
    sql.exec("CREATE TABLE counts(name TEXT PRIMARY KEY, n INTEGER)");
    const upsert = (name) => sql.exec("INSERT INTO counts VALUES (?, 1) ON CONFLICT(name) DO UPDATE SET n = n + 1 RETURNING n", name).one().n;
    return [upsert("a"), upsert("a"), upsert("b"), upsert("a"), sql.exec("SELECT * FROM counts ORDER BY name").toArray()];
  },
  sql_several_statements({ storage: { sql } }) {
    const twice = () => sql.exec("CREATE TABLE IF NOT EXISTS m(a); INSERT INTO m VALUES (1); SELECT count(*) AS n, ? AS x FROM m;", "x").toArray();
    return [twice(), twice(), told(sql, "INSERT INTO m VALUES (5); SELECT * FROM nope"), sql.exec("SELECT count(*) AS n FROM m").one()];
  },

  sql_cursor({ storage: { sql } }) {
    const three = "SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3";
    const next = sql.exec(three);
    const mixed = sql.exec(three);
    const first = mixed.next();
    const raw = sql.exec(three).raw();
    const iterator = sql.exec(three)[Symbol.iterator]();
    const shared = sql.exec(three);
    const both = [shared.next().value, [...shared.raw()], shared.next(), shared.toArray()];
    const columns = sql.exec(three).columnNames;
    return {
      next: [next.next(), next.next(), next.next(), next.next(), next.next()],
      keys: [Object.keys(sql.exec("SELECT 1").next()), Object.keys(sql.exec("SELECT 1 WHERE 0").next())],
      mixed: [first, mixed.toArray(), [...mixed]], both, columns,
      raw: [raw.next(), typeof raw[Symbol.iterator], typeof raw.return, String(raw), raw.next(), raw.next(), raw.next()],
      rawMap: sql.exec(three).raw().map((row) => row[0]).toArray(),
      iterator: [String(iterator), iterator.next(), typeof iterator.map, typeof iterator.return],
      one: [said(() => sql.exec("SELECT 5 AS n").one()), said(() => sql.exec("SELECT 1 WHERE 0").one()), said(() => sql.exec(three).one())],
      afterOne: said(() => { const cursor = sql.exec("SELECT 5 AS n"); cursor.one(); return [...cursor]; }),
      afterFailedOne: said(() => { const cursor = sql.exec(three); try { cursor.one(); } catch { return [...cursor]; } }),
      sameColumns: (() => { const cursor = sql.exec(three); return cursor.columnNames === cursor.columnNames; })(),
      rows: (() => { const row = sql.exec("SELECT 1 AS __proto__, 2 AS x, 3 AS '0', 4 AS constructor").one(); return [Object.keys(row), Object.getPrototypeOf(row) === Object.prototype, row]; })(),
      entries: Array.from(sql.exec(three), (row) => row.a),
    };
  },
  sql_counts_while_reading({ storage: { sql } }) {
    sql.exec("CREATE TABLE n(a); INSERT INTO n SELECT value FROM json_each('[1,2,3,4,5]')");
    const cursor = sql.exec("SELECT * FROM n");
    const counts = [cursor.rowsRead];
    for (const _ of cursor) counts.push(cursor.rowsRead);
    return [counts, cursor.rowsWritten, sql.exec("SELECT * FROM n").rowsRead];
  },
  sql_cursors_side_by_side({ storage: { sql } }) {
    sql.exec("CREATE TABLE n(a); INSERT INTO n VALUES (1), (2), (3)");
    const pairs = [];
    for (const { a } of sql.exec("SELECT a FROM n")) for (const { a: b } of sql.exec("SELECT a FROM n")) pairs.push(`${a}${b}`);
    return pairs;
  },
  sql_changes_while_reading({ storage: { sql } }) {
    sql.exec("CREATE TABLE n(a); INSERT INTO n VALUES (1), (2), (3), (4)");
    const seen = [];
    for (const { a } of sql.exec("SELECT a FROM n")) {
      seen.push(a);
      sql.exec("DELETE FROM n WHERE a > 2");
    }
    const more = [];
    for (const { a } of sql.exec("SELECT a FROM n")) {
      more.push(a);
      if (more.length < 6) sql.exec("INSERT INTO n VALUES (?)", a + 10);
    }
    return [seen, more];
  },
  async sql_cursor_across_turns({ storage }) {
    const { sql } = storage;
    sql.exec("CREATE TABLE n(a); INSERT INTO n VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT a FROM n");
    const seen = [cursor.next().value];
    await storage.put("k", 1);
    sql.exec("INSERT INTO n VALUES (4)");
    await scheduler.wait(1);
    seen.push(cursor.next().value, cursor.toArray());
    return seen;
  },
  sql_drop_while_reading({ storage: { sql } }) {
    sql.exec("CREATE TABLE n(a); INSERT INTO n VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT a FROM n");
    cursor.next();
    const locked = said(() => sql.exec("DROP TABLE n").toArray());
    const rest = cursor.toArray();
    return [locked, rest, told(sql, "DROP TABLE n")];
  },
  sql_schema_changes({ storage: { sql } }) {
    sql.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    const all = () => sql.exec("SELECT * FROM t").toArray();
    const before = all();
    sql.exec("ALTER TABLE t ADD COLUMN b DEFAULT 'x'");
    const added = all();
    sql.exec("ALTER TABLE t RENAME COLUMN a TO c");
    const renamed = all();
    sql.exec("ALTER TABLE t DROP COLUMN b");
    sql.exec("ALTER TABLE t RENAME TO u");
    return [before, added, renamed, said(all), sql.exec("SELECT * FROM u").toArray()];
  },
  sql_triggers_and_views({ storage: { sql } }) {
    sql.exec(`CREATE TABLE t(a); CREATE TABLE log(a); CREATE VIEW v AS SELECT a * 2 AS d FROM t;
      CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;`);
    sql.exec("INSERT INTO t VALUES (1), (2)");
    sql.exec("PRAGMA recursive_triggers = 1; CREATE TABLE r(a); CREATE TRIGGER rr AFTER INSERT ON r WHEN new.a > 0 BEGIN INSERT INTO r VALUES (new.a - 1); END");
    return [sql.exec("SELECT * FROM v").toArray(), sql.exec("SELECT * FROM log").toArray(), told(sql, "INSERT INTO r VALUES (8)"), told(sql, "INSERT INTO r VALUES (30)")];
  },
  sql_foreign_keys({ storage: { sql } }) {
    sql.exec("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p(id) ON DELETE CASCADE)");
    const orphan = told(sql, "INSERT INTO c VALUES (5)");
    sql.exec("INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)");
    sql.exec("DELETE FROM p");
    return [orphan, sql.exec("SELECT count(*) AS n FROM c").one(), told(sql, "PRAGMA foreign_key_list(c)")];
  },
  sql_full_text({ storage: { sql } }) {
    sql.exec("CREATE VIRTUAL TABLE f USING FTS5(title, body, tokenize = porter); CREATE VIRTUAL TABLE words USING fts5vocab(f, row)");
    sql.exec("INSERT INTO f VALUES ('one', 'the contents of one'), ('two', 'the content of two')");
    return [
      sql.exec("SELECT title FROM f WHERE f MATCH 'content' ORDER BY rank").toArray(), sql.exec("SELECT highlight(f, 1, '[', ']') AS h, snippet(f, 1, '<', '>', '…', 2) AS s FROM f('two')").toArray(),
      sql.exec("SELECT term, doc FROM words ORDER BY term").toArray(), told(sql, "SELECT * FROM f WHERE f MATCH '\"'"),
    ];
  },
  sql_database_size({ storage }) {
    const { sql } = storage;
    const sizes = [sql.databaseSize];
    sql.exec("SELECT 1");
    sizes.push(sql.databaseSize);
    sql.exec("CREATE TABLE t(a)");
    sizes.push(sql.databaseSize);
    sql.exec("INSERT INTO t VALUES (?)", "x".repeat(50_000));
    sizes.push(sql.databaseSize);
    sql.exec("DROP TABLE t");
    sizes.push(sql.databaseSize);
    storage.kv.put("k", 1);
    sizes.push(sql.databaseSize);
    return sizes;
  },
  sql_what_is_there({ storage }) {
    const names = () => storage.sql.exec("SELECT type, name FROM sqlite_master ORDER BY rowid").toArray();
    const before = names();
    storage.sql.exec("CREATE TABLE t(a PRIMARY KEY)");
    const between = names();
    storage.kv.put("k", 1);
    return [before, between, names(), told(storage.sql, "SELECT name, type, ncol FROM pragma_table_list ORDER BY name"), told(storage.sql, "PRAGMA table_info(t)")];
  },
  sql_reserved_once_made({ storage }) {
    storage.kv.put("k", 1);
    return ["SELECT * FROM _cf_KV", "SELECT key FROM _cf_KV", "DROP TABLE _cf_KV", "INSERT INTO _cf_KV VALUES (1, 2)", "UPDATE _cf_KV SET key = 1", "DELETE FROM _cf_KV", "CREATE INDEX q ON _cf_KV(value)", "CREATE TRIGGER q AFTER INSERT ON _cf_KV BEGIN SELECT 1; END", "ALTER TABLE _cf_KV RENAME TO x", "PRAGMA quick_check(_cf_KV)", "CREATE VIEW v AS SELECT * FROM _cf_KV", "SELECT * FROM v"].map((query) => told(storage.sql, query));
  },
  sql_interface({ storage }) {
    const { sql } = storage;
    const names = (object) => Object.getOwnPropertyNames(Object.getPrototypeOf(object)).sort();
    return [
      names(sql), names(sql.exec("SELECT 1")), String(sql), String(sql.exec("SELECT 1")), sql === storage.sql, said(() => new sql.Cursor()), said(() => new sql.Statement()), said(() => new sql.constructor()),
      sql.exec("SELECT 1") instanceof sql.Cursor, names(storage.kv), String(storage.kv), typeof sql.prepare, typeof sql.ingest,
    ];
  },
  async sql_constraint_at_the_end({ storage }) {
    storage.sql.exec("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)");
    storage.sql.exec("INSERT INTO c VALUES (5)");
    await saidLater(() => storage.sync());
    return "not reached by who asks";
  },
  async sql_many_rows({ storage: { sql } }) {
    sql.exec("CREATE TABLE n(id INTEGER PRIMARY KEY, a TEXT)");
    for (let i = 0; i < 1000; ++i) sql.exec("INSERT INTO n(a) VALUES (?)", `row ${i}`);
    let sum = 0;
    for (const { id } of sql.exec("SELECT id FROM n")) sum += id;
    return [sum, sql.exec("SELECT * FROM n").toArray().length, [...sql.exec("SELECT a FROM n ORDER BY a DESC").raw()].slice(0, 3), sql.exec("SELECT count(*) AS n FROM n").one()];
  },
};
