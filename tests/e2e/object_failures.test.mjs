// What callers of a Durable Object are told when it fails them, on one thread and across two.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { ask } from "../support/requests.mjs";
import { lifetime, project, root, serve, until } from "../support/selvage.mjs";

const folder = join(root, "tests/tenants/failures");
const limit = { timeout: 30_000 };

const failures = [
  "range", "own", "text", "plain", "marked", "cause", "unicode", "no_response", "abort", "abort_without_reason", "section", "abort_later",
];

for (const threads of ["1", "2"]) {
  describe(`with ${threads} thread(s)`, () => {
    const suite = lifetime();
    let session, miniflare;
    before(async () => {
      // A neighbour that leaves because nobody asks it would look as if it had been reset.
      session = await serve(suite, folder, "--threads", threads, "--object-idle", "600000");
      miniflare = new Miniflare({
        modules: true, script: readFileSync(join(folder, "index.js"), "utf8"), compatibilityDate: "2026-05-01", durableObjects: { OBJECT: { className: "Failing", useSQLite: true } },
      });
      suite.after(() => miniflare.dispose());
      await miniflare.ready;
    });
    // Some of each name's objects are on the other thread.
    const names = threads === "1" ? ["a"] : ["a", "b", "c", "d"];
    const ours = async (path) => JSON.parse((await ask(session.port, path)).text);
    const theirs = async (path) => (await miniflare.dispatchFetch(`http://localhost${path}`)).json();

    for (const path of failures) {
      test(`${path}: as workerd reports it`, limit, async () => {
        const expected = await theirs(`/${path}`);
        for (const name of names) assert.deepEqual(await ours(`/${path}?name=${path}-${name}`), expected, name);
      });
    }

    test("a DOMException stays one", limit, async () => {
      // workerd gives its copy own properties for what is inherited otherwise.
      const [{ own, ...expected }] = await theirs("/dom");
      for (const name of names) {
        const [{ own: ours_, ...said }] = await ours(`/dom?name=dom-${name}`);
        assert.deepEqual(said, expected);
        assert.equal(ours_.remote, own.remote);
      }
    });

    test("an exception in the constructor is the caller's; another stub constructs anew", limit, async () => {
      const [failed, next] = await ours("/born,*,born?name=constructor");
      assert.deepEqual(failed, { name: "RangeError", message: "not yet", kind: "RangeError", own: { remote: true, durableObjectReset: true } });
      assert.match(next, /^"/);
    });

    test("a stub does not get over a reset that it was told of; a new one does", limit, async () => {
      for (const name of names) {
        const [born, aborted, same, again, other] = await ours(`/born,abort,born,born,*,born?name=stub-${name}`);
        assert.deepEqual(aborted.own, { remote: true, durableObjectReset: true });
        for (const broken of [same, again]) {
          assert.deepEqual(broken.own, { durableObjectReset: true });
          assert.equal(broken.message, "on purpose");
        }
        assert.notEqual(other, born);
      }
    });

    test("everyone who waits is told of a reset", limit, async () => {
      for (const name of names) {
        const waiting = Promise.all([ours(`/wait?name=all-${name}`), ours(`/wait?name=all-${name}`)]);
        await until(async () => (await ours(`/waiting?name=all-${name}`))[0] === "2", "both wait", 10);
        await ours(`/abort?name=all-${name}`);
        for (const [answer] of await waiting) assert.equal(answer.message, "on purpose");
      }
    });

    test("writes of the turn that aborts never happened", limit, async () => {
      for (const name of names) {
        assert.deepEqual((await ours(`/put_and_abort,*,stored?name=put-${name}`))[1], "[]");
      }
    });

    for (const path of ["compute", "compute_later"]) {
      test(`${path}: one that computes for too long is reset, and nobody else`, limit, async () => {
        for (const name of names) {
          const neighbour = await ours(`/born?name=neighbour-${name}`);
          const waiting = ours(`/wait?name=${path}-${name}`);
          await until(async () => (await ours(`/waiting?name=${path}-${name}`))[0] === "1", "it waits", 10);
          const [stopped] = await ours(`/${path}?name=${path}-${name}`);
          assert.equal(stopped.message, "Durable Object exceeded its CPU time limit and was reset.");
          assert.equal(stopped.own.durableObjectReset, true);
          assert.equal((await waiting)[0].message, stopped.message);
          assert.deepEqual(await ours(`/born?name=neighbour-${name}`), neighbour);
          assert.match((await ours(`/born?name=${path}-${name}`))[0], /^"/);
        }
      });
    }

    test("a reset ends the bodies that the object still writes", limit, async () => {
      for (const name of names) {
        const [answer] = await ours(`/stream?name=stream-${name}`);
        assert.equal(typeof answer, "object", JSON.stringify(answer));
      }
    });

    // On one thread, where all of them arrive while the first one still blocks.
    const queue = { ...limit, skip: threads !== "1" };
    test("too many calls that wait are refused, and the others answered", queue, async () => {
      const { first, refused, error } = await ours("/many?name=many");
      assert.equal(first, '"done"');
      assert.ok(refused >= 49 && refused <= 60, `${refused} refused`);
      assert.equal(error.message, "Durable Object is overloaded. Too many requests queued.");
      assert.equal(error.own.overloaded, true);
    });
  });
}

test("a turn that is stopped by the CPU limit is kept in no part", async (t) => {
  const folder = project(t, {
    source: `import { DurableObject } from "cloudflare:workers";
export class Ledger extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/read") return Response.json([...(await this.ctx.storage.list()).keys()]);
    await this.ctx.storage.put("kept", 1);
    await this.ctx.storage.sync();
    await this.ctx.storage.put("half", 1);
    for (;;);
  }
}
export default { fetch: (request, env) => env.LEDGER.getByName("a").fetch(request) };`,
    config: `[limits]\ncpu_ms = 100\n[[durable_objects.bindings]]\nname = "LEDGER"\nclass_name = "Ledger"\n`,
  });
  const session = await serve(t, folder, "--threads", "1");
  assert.notEqual((await fetch(`${session.url}/write`)).status, 200);
  assert.equal(await session.get("/read"), '["kept"]');
});

test("nor is a turn that ran together with somebody else's code that is stopped", async (t) => {
  const folder = project(t, {
    source: `import { DurableObject } from "cloudflare:workers";
let release;
export class Ledger extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/read") return Response.json([...(await this.ctx.storage.list()).keys()]);
    await this.ctx.storage.put("kept", 1);
    await this.ctx.storage.sync();
    await Promise.race([new Promise((resolve) => (release = resolve)), scheduler.wait(10_000)]);
    await this.ctx.storage.put("half", 1);
    for (let i = 0; i < 20; ++i) await null;
    await this.ctx.storage.put("whole", 1);
    return new Response("written");
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/waiting") return new Response(String(release !== undefined));
    if (pathname === "/stop") {
      release();
      for (let i = 0; i < 8; ++i) await null;
      for (;;);
    }
    try {
      return await env.LEDGER.getByName("a").fetch(request);
    } catch (error) {
      return Response.json({ message: error.message, reset: error.durableObjectReset });
    }
  },
};`,
    config: `[limits]\ncpu_ms = 100\n[[durable_objects.bindings]]\nname = "LEDGER"\nclass_name = "Ledger"\n`,
  });
  const session = await serve(t, folder, "--threads", "1");
  const writing = session.get("/write");
  await until(async () => (await session.get("/waiting")) === "true", "the object waits", 10);
  assert.equal((await fetch(`${session.url}/stop`)).status, 503);
  assert.deepEqual(JSON.parse(await writing), {
    message: "Durable Object was reset: code that ran together with it was stopped.",
    reset: true,
  });
  assert.equal(await session.get("/read"), '["kept"]');
});
