// Counters in Durable Objects, and objects that only read. /<kind>/<n> asks one of n objects, by
// chance; /<kind>/<n>/<i> a certain one. Kinds: memory, stored (get, put), sql (an upsert), read (get).
export class MemoryCounter {
  value = 0;

  fetch() {
    this.value++;
    return new Response(this.value.toString());
  }
}

export class StoredCounter {
  constructor(ctx) {
    this.storage = ctx.storage;
  }

  async fetch() {
    const value = ((await this.storage.get("value")) ?? 0) + 1;
    await this.storage.put("value", value);
    return new Response(value.toString());
  }
}

export class SqlCounter {
  constructor(ctx) {
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)");
  }

  fetch() {
    const { value } = this.sql
      .exec("INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value", "requests")
      .one();
    return new Response(value.toString());
  }
}

export class StoredReader {
  constructor(ctx) {
    this.storage = ctx.storage;
  }

  async fetch() {
    let value = await this.storage.get("value");
    if (value === undefined) await this.storage.put("value", (value = "v".repeat(100)));
    return new Response(value);
  }
}

const bindings = { memory: "MEMORY", stored: "STORED", sql: "SQL", read: "READ" };

export default {
  fetch(request, env) {
    const [, kind, count, certain] = new URL(request.url).pathname.split("/");
    if (!count) return new Response("/<memory, stored, sql, read>/<number of objects>");
    const namespace = env[bindings[kind]];
    const name = certain ?? String(Math.floor(Math.random() * Number(count)));
    return namespace.get(namespace.idFromName(name)).fetch(request);
  },
};
