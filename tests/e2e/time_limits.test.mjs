// What has no end of its own is ended: waitUntil(), blockConcurrencyWhile(), requests at objects
// whose code was replaced. The limits are lowered by settings, and nothing here waits by the clock.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { project, serve, Session, temporaryFolder, until } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };
const objects = `[[durable_objects.bindings]]\nname = "OBJECT"\nclass_name = "Thing"\n`;

function withLimits(t, lines) {
  const file = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(file, `[limits.time]\n${lines}\n`);
  return ["--settings", file];
}

test("what waitUntil() was given is canceled after its time, and the log says so", limit, async (t) => {
  const folder = project(t, {
    source: `let ticks = 0, done = false;
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ticks") return Response.json([ticks, done]);
    if (pathname === "/short") ctx.waitUntil(scheduler.wait(1).then(() => { done = true; }));
    else ctx.waitUntil((async () => { for (;;) { await scheduler.wait(5); ++ticks; } })());
    return new Response("answered");
  },
};`,
  });
  const session = await serve(t, folder, "--threads", "1", ...withLimits(t, "wait_until_ms = 1500"));
  assert.equal(await session.get("/short"), "answered");
  await until(async () => JSON.parse(await session.get("/ticks"))[1], "what is done in time is done");
  assert.equal(await session.get("/long"), "answered");
  await session.waitFor(/waitUntil\(\) has not settled within 1500 ms .*wait_until.*GET \/long/);
  const [before] = JSON.parse(await session.get("/ticks"));
  assert.ok(before > 0, "it ran for a while");
  // Requests behind one another take longer than a tick: one that went on would be seen.
  for (let i = 0; i < 50; ++i) assert.deepEqual(JSON.parse(await session.get("/ticks"))[0], before);
});

test("a WebSocket, and a response that is still written, are not limited by it", limit, async (t) => {
  const folder = project(t, {
    source: `export default {
  async fetch(request, env, ctx) {
    const { readable, writable } = new TransformStream();
    ctx.waitUntil((async () => {
      const writer = writable.getWriter();
      for (let i = 0; i < 30; ++i) {
        await writer.write(new TextEncoder().encode(i + " "));
        await scheduler.wait(20);
      }
      await writer.close();
    })());
    return new Response(readable);
  },
};`,
  });
  const session = await serve(t, folder, ...withLimits(t, "wait_until_ms = 50"));
  assert.equal((await session.get()).trim().split(" ").length, 30);
});

test("blockConcurrencyWhile() that takes too long resets the object", limit, async (t) => {
  const folder = project(t, {
    config: objects,
    source: `let instances = 0;
export class Thing {
  constructor(ctx) { this.ctx = ctx; this.number = ++instances; }
  async fetch(request) {
    if (new URL(request.url).pathname === "/block") await this.ctx.blockConcurrencyWhile(() => scheduler.wait(600_000));
    return new Response(String(this.number));
  }
}
export default {
  async fetch(request, env) {
    const stub = env.OBJECT.get(env.OBJECT.idFromName("a"));
    try {
      return await stub.fetch(request);
    } catch ({ message, overloaded, durableObjectReset }) {
      return Response.json([message, overloaded, durableObjectReset]);
    }
  },
};`,
  });
  const session = await serve(t, folder, ...withLimits(t, "block_concurrency_ms = 200"));
  assert.equal(await session.get("/"), "1");
  const [message, overloaded, reset] = JSON.parse(await session.get("/block"));
  assert.match(message, /blockConcurrencyWhile\(\) in a Durable Object waited for too long/);
  assert.deepEqual([overloaded, reset], [true, true]);
  assert.equal(await session.get("/"), "2");
});

describe("a worker that cannot start", () => {
  const broken = `throw new RangeError("not today");\nexport default { fetch: () => new Response("never") };`;
  const good = `export default { fetch: () => new Response("here") };`;

  test("alone: serve says why, and ends with status 1", limit, async (t) => {
    const session = new Session(t, ["serve", project(t, { source: broken }), "--port", "0", "--data", temporaryFolder(t)]);
    assert.equal(await session.exited, 1);
    assert.match(session.output, /w cannot start: .*RangeError: not today/s);
    assert.doesNotMatch(session.output, /Ready in/);
  });

  test("among others: serve names it, the others answer, and it answers with 500", limit, async (t) => {
    const folders = [project(t, { name: "good", source: good }), project(t, { name: "bad", source: broken })];
    const session = await serve(t, folders);
    assert.match(session.output, /bad cannot start: .*RangeError: not today/s);
    assert.match(session.output, /bad\.localhost[^\n]*\n\s*cannot start, see above/);
    const ask = async (host) => {
      const { default: http } = await import("node:http");
      return new Promise((resolve, reject) => {
        http.get({ port: session.port, headers: { host } }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (more) => (text += more)).on("end", () => resolve([response.statusCode, text]));
        }).on("error", reject);
      });
    };
    assert.deepEqual(await ask("good.localhost"), [200, "here"]);
    const [status, text] = await ask("bad.localhost");
    assert.equal(status, 500);
    assert.match(text, /can't start/);
  });
});
