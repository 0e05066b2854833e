// Durable Objects that show their rules. An object does what the path says; the query names it.
const params = (request) => new URL(request.url).searchParams;

const actions = {
  // Read, wait for storage, write: safe only if nothing comes in between.
  async increment({ storage }) {
    const before = (await storage.get("count")) ?? 0;
    await storage.get("something else");
    await storage.put("count", before + 1);
    return before + 1;
  },
  // The same with a wait for the outside world in between, in a critical section.
  increment_blocked: ({ ctx, storage }) =>
    ctx.blockConcurrencyWhile(async () => {
      const before = (await storage.get("count")) ?? 0;
      await scheduler.wait(1);
      await storage.put("count", before + 1);
      return before + 1;
    }),
  count: async ({ storage }) => (await storage.get("count")) ?? 0,
  born: ({ object }) => object.born,
  put: ({ storage }, query) => storage.put(query.get("key"), JSON.parse(query.get("value"))),
  get: async ({ storage }, query) => (await storage.get(query.get("key"))) ?? null,
  delete: ({ storage }, query) => storage.delete(query.get("key")),
  delete_all: ({ storage }) => storage.deleteAll(),
  async list({ storage }, query) {
    return [...(await storage.list(JSON.parse(query.get("options") ?? "{}")))];
  },
  async fill({ storage }) {
    await storage.put({ a: 1, b: 2, "b:1": 3, "b:2": 4, c: 5, ä: 6, "🚀": 7 });
  },
  async many({ storage }) {
    await storage.put({ x: 1, y: { deep: [1, null, "ä"] } });
    const found = await storage.get(["y", "x", "missing"]);
    const gone = await storage.delete(["x", "missing"]);
    return { found: [...found], gone, left: [...(await storage.list())] };
  },
  async types({ storage }) {
    const values = {
      date: new Date(5), map: new Map([[1, 2]]), set: new Set(["a"]), big: 2n ** 70n, bytes: new Uint8Array([1, 2]),
      regexp: /a/g, error: new RangeError("e"), nothing: null, not: undefined, minus: -0,
    };
    await storage.put("types", values);
    const back = await storage.get("types");
    return {
      date: back.date.getTime(), map: [...back.map], set: [...back.set], big: String(back.big), bytes: [...back.bytes],
      regexp: String(back.regexp), error: `${back.error.name}: ${back.error.message}`, nothing: back.nothing,
      not: "not" in back && back.not === undefined, minus: Object.is(back.minus, -0),
    };
  },
  async refuse({ storage }) {
    const said = [];
    for (const attempt of [
      () => storage.put("f", () => {}), () => storage.put("k", undefined), () => storage.get(Array(129).fill("k")),
      () => storage.put("x".repeat(2049), 1), () => storage.put("big", "x".repeat(2_300_000)), () => storage.list({ limit: -1 }),
      () => storage.list({ start: "a", startAfter: "b" }),
    ]) {
      try {
        await attempt();
        said.push("nothing");
      } catch (error) {
        said.push(`${error.name}: ${error.message}`);
      }
    }
    return said;
  },
  async transaction({ storage }, query) {
    await storage.put("kept", "before");
    let outcome = "done";
    try {
      await storage.transaction(async (transaction) => {
        await transaction.put("kept", "inside");
        await transaction.put("new", 1);
        await scheduler.wait(1);
        if (query.get("how") === "throw") throw new Error("thrown");
        if (query.get("how") === "rollback") transaction.rollback();
      });
    } catch (error) {
      outcome = error.message;
    }
    return { outcome, kept: await storage.get("kept"), new: (await storage.get("new")) ?? null };
  },
  transaction_sync({ storage }, query) {
    storage.put("kept", "before");
    let outcome = "done";
    try {
      storage.transactionSync(() => {
        storage.put("kept", "inside");
        if (query.get("how") === "throw") throw new Error("thrown");
      });
    } catch (error) {
      outcome = error.message;
    }
    return storage.get("kept").then((kept) => ({ outcome, kept }));
  },
  throw: () => {
    throw new RangeError("thrown by the object");
  },
  block_throw: ({ ctx }) =>
    ctx.blockConcurrencyWhile(async () => {
      throw new Error("thrown in the section");
    }),
  abort: ({ ctx }) => ctx.abort("aborted on purpose"),
  // Waits for the outside world: other events may run meanwhile.
  async meet({ object }) {
    object.waiting = (object.waiting ?? 0) + 1;
    while (object.waiting < 2) await scheduler.wait(2);
    return "met";
  },
  // Work that goes on after the answer.
  later({ object, ctx }, query) {
    const work = async () => {
      await scheduler.wait(30);
      object.worked = (object.worked ?? 0) + 1;
    };
    if (query.get("how") === "waitUntil") ctx.waitUntil(work());
    else if (query.get("how") === "timer") setTimeout(() => (object.worked = (object.worked ?? 0) + 1), 30);
    else void work();
    return "started";
  },
  // What goes on keeps it in memory: a timer, an answer from elsewhere.
  async stay({ object, ctx, storage }, query) {
    const done = () => storage.put("stayed", object.born);
    if (query.get("how") === "timer") setTimeout(done, 2500);
    else void fetch(query.get("origin")).then(done);
    return object.born;
  },
  worked: ({ object }) => object.worked ?? 0,
  async identity({ ctx }) {
    return { id: ctx.id.toString(), name: ctx.id.name ?? null };
  },
  // Calls another object, which lives wherever it lives.
  call: async ({ env }, query) => (await env.OBJECT.getByName(query.get("other")).fetch("http://x/increment")).json(),
};

export class Thing {
  born = crypto.randomUUID();

  constructor(ctx, env) {
    Object.assign(this, { ctx, env });
  }

  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/echo") return new Response(request.body, { headers: { "X-Method": request.method } });
    if (url.pathname === "/length") return Response.json((await request.arrayBuffer()).byteLength);
    const result = await actions[url.pathname.slice(1)](
      { object: this, ctx: this.ctx, env: this.env, storage: this.ctx.storage }, url.searchParams,
    );
    return Response.json(result ?? null);
  }
}

export class Other extends Thing {}

/** Is ready only when what its constructor started is done. */
export class Prepared {
  constructor(ctx) {
    this.log = [];
    void ctx.blockConcurrencyWhile(async () => {
      this.log.push("storage", (await ctx.storage.get("starts")) ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      this.log.push("timer");
      const origin = await ctx.storage.get("origin");
      if (origin) this.log.push(await (await fetch(`${origin}/cookies`)).text());
      await ctx.storage.put("starts", ((await ctx.storage.get("starts")) ?? 0) + 1);
      this.log.push("ready");
    });
    this.ctx = ctx;
  }

  async fetch(request) {
    const origin = params(request).get("origin");
    if (origin) await this.ctx.storage.put("origin", origin);
    if (params(request).has("abort")) this.ctx.abort("again");
    return Response.json(this.log);
  }
}

let failures = 0;
/** Cannot be constructed, the first time. */
export class Failing {
  constructor() {
    if (failures++ === 0) throw new TypeError("not this time");
  }
  fetch() {
    return Response.json("constructed");
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, kind, ...rest] = url.pathname.split("/");
    const namespace = env[kind.toUpperCase()];
    if (namespace === undefined) {
      const name = url.searchParams.get("name");
      switch (kind) {
        case "ids":
          return Response.json({
            named: env.OBJECT.idFromName(name).toString(), again: env.OBJECT.idFromName(name).toString(),
            other: env.OTHER.idFromName(name).toString(), unique: [env.OBJECT.newUniqueId().toString(), env.OBJECT.newUniqueId().toString()],
            parsed: env.OBJECT.idFromString(env.OBJECT.idFromName(name).toString()).equals(env.OBJECT.idFromName(name)),
            name: env.OBJECT.idFromName(name).name,
          });
        case "foreign":
          try {
            env.OBJECT.idFromString(url.searchParams.get("id") ?? env.OTHER.idFromName("x").toString());
            return Response.json("accepted");
          } catch (error) {
            return Response.json(`${error.name}: ${error.message}`);
          }
        case "jurisdictions": {
          const tried = (action) => {
            try {
              return action() ? "accepted" : "nothing";
            } catch (error) {
              return `${error.name}: ${error.message}`;
            }
          };
          const eu = env.OBJECT.jurisdiction("eu");
          const [everywhere, named] = [env.OBJECT.idFromName("n"), eu.idFromName("n")];
          const fedramp = env.OBJECT.newUniqueId({ jurisdiction: "fedramp" });
          return Response.json({
            of: [everywhere, named, eu.newUniqueId(), fedramp].map((id) => id.jurisdiction ?? null),
            parsed: env.OBJECT.idFromString(named.toString()).jurisdiction,
            differ: !everywhere.equals(named),
            same: env.OBJECT.jurisdiction(undefined).idFromName("n").equals(everywhere),
            elsewhere: tried(() => eu.get(fedramp)),
            parsed_elsewhere: tried(() => eu.idFromString(fedramp.toString())),
            other: tried(() => eu.newUniqueId({ jurisdiction: "fedramp" })),
            unknown: tried(() => env.OBJECT.jurisdiction("moon")),
            routing: tried(() => env.OBJECT.get(everywhere, { routingMode: "secondary" })),
            hint: tried(() => env.OBJECT.getByName("n", { locationHint: "weur", routingMode: "primary-only" })),
          });
        }
        case "equals":
          try {
            return Response.json(env.OBJECT.idFromName("n").equals(env.OBJECT.idFromName("n").toString()));
          } catch (error) {
            return Response.json(`${error.name}: ${error.message}`);
          }
        case "burst": {
          // Many calls from one request, of which none waits for the one before.
          const stub = env.OBJECT.getByName(name);
          const answers = await Promise.all(Array.from({ length: 50 }, () => stub.fetch(`http://x/${rest[0]}`).then((r) => r.json())));
          return Response.json(answers);
        }
      }
      return new Response("no such path", { status: 404 });
    }
    const id = url.searchParams.get("id");
    const stub = id ? namespace.get(namespace.idFromString(id)) : namespace.getByName(url.searchParams.get("name") ?? "one");
    try {
      return await stub.fetch(new Request(`http://object/${rest.join("/")}${url.search}`, request));
    } catch (error) {
      return Response.json({ error: error.name, message: error.message }, { status: 500 });
    }
  },
};
