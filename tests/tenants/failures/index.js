// Durable Objects that fail, and what their callers are told.
class OwnError extends Error {
  constructor(message) {
    super(message);
    this.name = "OwnError";
    this.code = 42;
  }
}

let attempts = 0;

const actions = {
  range() {
    throw new RangeError("out of range");
  },
  own() {
    throw new OwnError("of its own kind");
  },
  text() {
    throw "a text";
  },
  plain() {
    throw { a: 1 };
  },
  dom() {
    throw new DOMException("not found", "NotFoundError");
  },
  marked() {
    throw Object.assign(new Error("marked"), { retryable: true, extra: { x: [1] } });
  },
  cause() {
    throw new Error("outer", { cause: new TypeError("inner") });
  },
  unicode() {
    throw new Error("ä 🚀 \u0000");
  },
  no_response: () => 5,
  abort: ({ ctx }) => ctx.abort("on purpose"),
  abort_without_reason: ({ ctx }) => ctx.abort(),
  async section({ ctx }) {
    await ctx.blockConcurrencyWhile(async () => {
      throw new TypeError("in the section");
    });
  },
  async abort_later({ ctx }) {
    await scheduler.wait(5);
    ctx.abort("later");
  },
  // Writes that no commit has taken yet are lost with the instance.
  async put_and_abort({ ctx }) {
    await ctx.storage.put("a", 1);
    ctx.abort("put, and aborted");
  },
  stored: async ({ ctx }) => Response.json([...(await ctx.storage.list())]),
  compute() {
    for (;;);
  },
  async compute_later() {
    await null;
    for (;;);
  },
  async wait({ object }) {
    object.waiting = (object.waiting ?? 0) + 1;
    await scheduler.wait(20_000);
    return new Response("waited");
  },
  waiting: ({ object }) => Response.json(object.waiting ?? 0),
  born: ({ object }) => Response.json(object.born),
  async blocked({ ctx }) {
    await ctx.blockConcurrencyWhile(() => scheduler.wait(500));
    return Response.json("done");
  },
  stream({ ctx }) {
    let chunks = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await scheduler.wait(1);
          if (++chunks === 3) ctx.abort("in the middle of the answer");
          controller.enqueue(new TextEncoder().encode(`chunk ${chunks} `));
        },
      }),
    );
  },
};

export class Failing {
  born = crypto.randomUUID();

  constructor(ctx) {
    this.ctx = ctx;
    if (ctx.id.name?.startsWith("constructor") && attempts++ === 0) throw new RangeError("not yet");
  }

  fetch(request) {
    return actions[new URL(request.url).pathname.slice(1)]({ object: this, ctx: this.ctx });
  }
}

const said = (error) =>
  typeof error !== "object"
    ? error
    : { name: error.name, message: error.message, kind: error.constructor?.name, own: { ...error }, cause: error.cause?.message };

async function call(stub, path) {
  try {
    return await (await stub.fetch(`http://object/${path}`)).text();
  } catch (error) {
    return said(error);
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const name = searchParams.get("name") ?? pathname;
    const stub = env.OBJECT.getByName(name);
    const paths = pathname.slice(1).split(",");
    // One after the other, through one stub; "*" is a new one, "+" all that follow at once.
    const answers = [];
    let current = stub;
    for (const [at, path] of paths.entries()) {
      if (path === "*") current = env.OBJECT.getByName(name);
      else if (path === "+") {
        answers.push(...(await Promise.all(paths.slice(at + 1).map((each) => call(stub, each)))));
        break;
      } else answers.push(await call(current, path));
    }
    if (pathname === "/many") {
      // More than an object's queue holds: the first one keeps it busy.
      const first = call(stub, "blocked");
      await call(env.OBJECT.getByName("other"), "born");
      const all = await Promise.all(Array.from({ length: 10_050 }, () => call(stub, "born")));
      const refused = all.filter((each) => typeof each === "object");
      return Response.json({ first: await first, refused: refused.length, error: refused[0] });
    }
    return Response.json(answers);
  },
};
