// What the flags around nodejs_compat give a worker, and how a project that uses Node is bundled.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { project, serve, Session } from "./selvage.mjs";

const settings = (date, ...flags) =>
  `name = "w"\nmain = "index.js"\ncompatibility_date = "${date}"\ncompatibility_flags = ${JSON.stringify(flags)}\n`;

/** What a worker with this configuration answers. */
async function answerOf(t, source, toml, files = {}) {
  const folder = project(t, { source, files: { "wrangler.toml": toml, ...files } });
  return await (await serve(t, folder, "--threads", "1")).get();
}

const globals = `
  import events from "node:events";
  export default { fetch: () => Response.json(
    [typeof events, ...["Buffer", "process", "global", "setImmediate"].map((name) => typeof globalThis[name])]) };`;

describe("flags", () => {
  test("without one there are no modules", async (t) => {
    const folder = project(t, { source: globals, files: { "wrangler.toml": settings("2026-01-01") } });
    const session = new Session(t, ["serve", folder, "--port", "0"]);
    await session.waitFor(/No such module "node:events"/);
    assert.equal(await session.exited, 1);
  });

  test("nodejs_als gives async_hooks alone", async (t) => {
    const source = `
      import { AsyncLocalStorage } from "node:async_hooks";
      const store = new AsyncLocalStorage();
      export default { async fetch() {
        const events = await import("node:events").catch((error) => error.message.split("\\n")[0]);
        return Response.json([store.run("in", () => store.getStore()), events]);
      } };`;
    assert.equal(await answerOf(t, source, settings("2026-01-01", "nodejs_als")), '["in","No such module \\"node:events\\"."]');
  });

  test("nodejs_compat before 2024-09-23 adds no globals", async (t) => {
    assert.equal(await answerOf(t, globals, settings("2024-09-22", "nodejs_compat")),
      '["function","undefined","undefined","undefined","undefined"]');
  });

  test("nodejs_compat since then adds them", async (t) => {
    assert.equal(await answerOf(t, globals, settings("2024-09-23", "nodejs_compat")),
      '["function","function","object","object","function"]');
  });

  test("from 2026-08-04 on there is no need of a flag, but for keeping them away", async (t) => {
    const all = '["function","function","object","object","function"]';
    assert.equal(await answerOf(t, globals, settings("2026-08-04")), all);
    const without = settings("2026-08-04", "no_nodejs_compat", "no_nodejs_compat_v2");
    const session = new Session(t, ["serve", project(t, { source: globals, files: { "wrangler.toml": without } }), "--port", "0"]);
    await session.waitFor(/No such module "node:events"/);
  });

  test("process.env has the variables since 2025-04-01", async (t) => {
    const source = `export default { fetch: () => Response.json([process.env.A, process.env.B]) };`;
    const vars = "[vars]\nA = 'a'\nB = { c = 1 }\n";
    assert.equal(await answerOf(t, source, settings("2025-03-31", "nodejs_compat") + vars), "[null,null]");
    assert.equal(await answerOf(t, source, settings("2025-04-01", "nodejs_compat") + vars), '["a","{\\"c\\":1}"]');
  });
});

describe("bundling", () => {
  test("names without node:, require() and modules that the runtime lacks", async (t) => {
    const source = `
      import { EventEmitter } from "events";
      import fs, { promises } from "fs";
      import os from "node:os";
      import { helper } from "helper";
      export default { fetch() {
        let message;
        try { fs.readFileSync("x"); } catch (error) { message = error.message; }
        return Response.json([typeof EventEmitter, typeof promises.readFile, typeof os.platform, message, helper("a")]);
      } };`;
    const files = {
      "node_modules/helper/package.json": '{"name":"helper","main":"index.js"}',
      "node_modules/helper/index.js": `
        const { format } = require("util");
        const path = require("node:path");
        const { Buffer } = require("buffer/");
        exports.helper = (text) => format("%s %s %s", path.join(text, "b"), Buffer.from("x").toString("hex"), typeof require("fs").existsSync);`,
    };
    const answer = JSON.parse(await answerOf(t, source, settings("2026-01-01", "nodejs_compat"), files));
    assert.deepEqual(answer.toSpliced(3, 1), ["function", "function", "function", "a/b 78 function"]);
    assert.match(answer[3], /not implemented/);
  });

  test("without bundling the runtime resolves them", async (t) => {
    const source = `
      import { format } from "util";
      import common from "./common.cjs";
      export default { fetch: () => new Response(format("%s %s", "x", common)) };`;
    const files = { "common.cjs": `module.exports = require("node:path").basename("/a/b") + typeof require("events");` };
    assert.equal(await answerOf(t, source, settings("2026-01-01", "nodejs_compat") + "no_bundle = true\n", files), "x bfunction");
  });

  test("an alias of the project wins", async (t) => {
    const source = `import { mine } from "events"; export default { fetch: () => new Response(mine) };`;
    const files = { "own.js": `export const mine = "my own";` };
    const toml = settings("2026-01-01", "nodejs_compat") + '[alias]\nevents = "./own.js"\n';
    assert.equal(await answerOf(t, source, toml, files), "my own");
  });
});

test("what a store holds stays with its request, beside a Durable Object in the same isolate", async (t) => {
  const source = `
    import { AsyncLocalStorage } from "node:async_hooks";
    const store = new AsyncLocalStorage();
    export class Thing {
      async fetch() {
        const before = store.getStore();
        return await store.run("object", async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return Response.json([before ?? null, store.getStore()]);
        });
      }
    }
    export default { async fetch(request, env, context) {
      return await store.run(new URL(request.url).pathname, async () => {
        const thing = env.THING.get(env.THING.idFromName("one"));
        const seen = await (await thing.fetch("http://thing/")).json();
        await new Promise((resolve) => setTimeout(resolve, 1));
        return Response.json([...seen, store.getStore()]);
      });
    } };`;
  const toml = settings("2026-01-01", "nodejs_compat") + '[[durable_objects.bindings]]\nname = "THING"\nclass_name = "Thing"\n';
  const folder = project(t, { source, files: { "wrangler.toml": toml } });
  const session = await serve(t, folder, "--threads", "1");
  const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
  const answers = await Promise.all(paths.map((path) => session.get(path)));
  assert.deepEqual(answers, paths.map((path) => JSON.stringify([null, "object", path])));
});
