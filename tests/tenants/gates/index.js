// Durable Objects that write down in which order their code runs. The path names what they do, the
// query the object.
const programs = {
  async one({ log, section, ctx }) {
    const done = ctx.blockConcurrencyWhile(section("s", 1));
    log.push("after");
    await null;
    log.push("microtask");
    await done;
    log.push("done");
  },
  async two({ log, section, ctx }) {
    const first = ctx.blockConcurrencyWhile(section("first", 1));
    const second = ctx.blockConcurrencyWhile(section("second", 1));
    log.push("after");
    await first;
    log.push("first done");
    await second;
  },
  async two_with_storage({ log, ctx }) {
    const section = (name) => async () => {
      log.push(name);
      await ctx.storage.get("x");
      log.push(`${name} end`);
    };
    const first = ctx.blockConcurrencyWhile(section("first"));
    const second = ctx.blockConcurrencyWhile(section("second"));
    log.push("after");
    await first;
    log.push("first done");
    await second;
  },
  async nested({ log, section, ctx }) {
    await ctx.blockConcurrencyWhile(async () => {
      log.push("outer");
      await ctx.blockConcurrencyWhile(section("inner", 1));
      log.push("outer again");
      await scheduler.wait(1);
      log.push("outer end");
    });
  },
  async nested_not_awaited({ log, section, ctx }) {
    let inner;
    await ctx.blockConcurrencyWhile(async () => {
      log.push("outer");
      inner = ctx.blockConcurrencyWhile(section("inner", 5));
      log.push("outer end");
    });
    log.push("outer done");
    await inner;
  },
  async left_behind({ log, ctx }) {
    const fired = Promise.withResolvers();
    await ctx.blockConcurrencyWhile(async () => {
      setTimeout(() => {
        log.push("timer of the section");
        fired.resolve();
      }, 5);
      log.push("section");
    });
    log.push("done");
    await fired.promise;
  },
  async transaction({ log, ctx }) {
    await ctx.storage.transaction(async (transaction) => {
      log.push("transaction");
      await transaction.put("a", 1);
      await scheduler.wait(2);
      log.push("transaction end");
    });
  },
  async call_within({ log, ctx, env }) {
    await ctx.blockConcurrencyWhile(async () => {
      log.push(await (await env.PEER.getByName("p").fetch("http://x/")).text());
    });
  },
  async call_before({ log, section, ctx, env }) {
    const call = env.PEER.getByName("p").fetch("http://x/").then(() => log.push("answer"));
    await ctx.blockConcurrencyWhile(section("s", 30));
    log.push("done");
    await call;
  },
  // A timer from before the section. (On workerd one that is due holds up those of the section.)
  async timer_before({ log, section, ctx }) {
    const fired = Promise.withResolvers();
    setTimeout(() => {
      log.push("timer from before");
      fired.resolve();
    }, 1);
    await ctx.blockConcurrencyWhile(section("s", 20));
    log.push("done");
    await fired.promise;
  },
  // An interval keeps its order, and fires no more than it should.
  async interval_before({ log, ctx }) {
    const fired = Promise.withResolvers();
    let times = 0;
    const interval = setInterval(() => {
      log.push(`interval ${++times}`);
      if (times < 2) return;
      clearInterval(interval);
      fired.resolve();
    }, 1);
    await ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(20);
      log.push("section end");
    });
    log.push("done");
    await fired.promise;
  },
  async cleared_while_parked({ log, ctx }) {
    const timer = setTimeout(() => log.push("cleared, and fired"), 1);
    await ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(20);
      clearTimeout(timer);
    });
    await scheduler.wait(5);
  },
  async depth({ ctx }, query) {
    const nest = (levels) => (levels === 0 ? Promise.resolve() : ctx.blockConcurrencyWhile(() => nest(levels - 1)));
    await nest(Number(query.get("levels")));
  },
  async not_a_function({ log, ctx }) {
    try {
      await ctx.blockConcurrencyWhile(1);
    } catch (error) {
      log.push(`${error.name}: ${error.message}`);
    }
  },
  async plain_value({ log, ctx }) {
    log.push(await ctx.blockConcurrencyWhile(() => 5));
  },
  async section_fails({ ctx }) {
    await ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(300);
      throw new TypeError("failed in the section");
    });
  },
  // Whatever is awaited of a storage, with options that let other events in or without.
  async storage({ log, ctx: { storage } }, query) {
    const options = Object.fromEntries([...query.keys()].map((name) => [name, true]));
    const calls = [
      () => storage.put("a", 1, options), () => storage.put({ b: 2, c: 3 }, options), () => storage.get("a", options),
      () => storage.get(["a", "b", "z"], options), () => storage.list(options), () => storage.delete("a", options),
      () => storage.delete(["b", "c"], options), () => storage.setAlarm(Date.now() + 3_600_000, options),
      () => storage.getAlarm(options), () => storage.deleteAlarm(options),
    ];
    for (const call of calls) await call();
    log.push("done");
  },
  async sync({ log, ctx: { storage } }) {
    await storage.put("a", 1);
    await storage.sync();
    log.push("synced");
  },
  async wait() {
    await scheduler.wait(5);
  },
  nothing() {},
};

export class Gated {
  log = [];

  constructor(ctx, env) {
    Object.assign(this, { ctx, env });
    if (!ctx.id.name.startsWith("prepared")) return;
    ctx.blockConcurrencyWhile(async () => {
      this.log.push("section of the constructor");
      await null;
      this.log.push("its end");
    });
    this.log.push("constructor");
    void Promise.resolve().then(() => this.log.push("microtask of the constructor"));
  }

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const { log, ctx, env } = this;
    log.push("event");
    const section = (name, milliseconds) => async () => {
      log.push(name);
      await scheduler.wait(milliseconds);
      log.push(`${name} end`);
    };
    await programs[pathname.slice(1)]({ log, section, ctx, env }, searchParams);
    return Response.json(log);
  }

  alarm() {}
}

export class Peer {
  async fetch() {
    return new Response("peer");
  }
}

const said = (error) => ({ name: error.name, message: error.message, marks: { ...error } });

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const paths = url.pathname.slice(1).split(",");
    const stub = env.OBJECT.getByName(url.searchParams.get("name") ?? paths.join());
    const answers = await Promise.allSettled(
      paths.map(async (path) => (await stub.fetch(`http://object/${path}${url.search}`)).json()),
    );
    return Response.json(answers.map((answer) => answer.value ?? said(answer.reason)));
  },
};
