// Counters in Durable Objects: /memory/<n> and /stored/<n> count in one of n objects, by chance;
// /memory/<n>/<i> and /stored/<n>/<i> in a certain one.
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

export default {
  fetch(request, env) {
    const [, kind, count, certain] = new URL(request.url).pathname.split("/");
    if (!count) return new Response("/memory/1, /memory/1000, /stored/1, /stored/1000");
    const namespace = kind === "memory" ? env.MEMORY : env.STORED;
    const name = certain ?? String(Math.floor(Math.random() * Number(count)));
    return namespace.get(namespace.idFromName(name)).fetch(request);
  },
};
