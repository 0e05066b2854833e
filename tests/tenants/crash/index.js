// What the crash test writes to: KV keys, and Durable Objects that write several keys in a turn.

// Every number written leaves an entry of its own and the same head in three places, so that a turn
// that was kept in part shows.
export class Ledger {
  constructor(ctx) {
    this.storage = ctx.storage;
  }

  async fetch(request) {
    const url = new URL(request.url);
    const n = Number(url.searchParams.get("n"));
    switch (url.pathname) {
      case "/ledger/turn":
        this.write(this.storage, n);
        return new Response("written");
      case "/ledger/awaiting":
        // Also one turn: a put's promise resolves without anything from outside having happened.
        await this.storage.put("head0", n);
        await this.storage.put(`entry:${n}`, n);
        await this.storage.put({ head1: n, head2: n });
        return new Response("written");
      case "/ledger/transaction":
        await this.storage.transaction(async (transaction) => {
          this.write(transaction, n);
          await scheduler.wait(1);
          await transaction.put("head0", n);
        });
        return new Response("written");
      case "/ledger/read": {
        const all = await this.storage.list();
        const heads = [0, 1, 2].map((i) => all.get(`head${i}`) ?? 0);
        const entries = [...(await this.storage.list({ prefix: "entry:" })).values()];
        return Response.json({ heads, entries });
      }
    }
  }

  write(storage, n) {
    for (let i = 0; i < 3; ++i) storage.put(`head${i}`, n);
    storage.put(`entry:${n}`, n);
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name");
    switch (url.pathname) {
      case "/kv/put":
        await env.KV.put(name, url.searchParams.get("n"), { metadata: { n: Number(url.searchParams.get("n")) } });
        return new Response("written");
      case "/kv/read": {
        const { value, metadata } = await env.KV.getWithMetadata(name);
        return Response.json({ heads: [Number(value ?? 0), metadata?.n ?? 0], entries: null });
      }
    }
    return env.LEDGER.getByName(name).fetch(request);
  },
};
