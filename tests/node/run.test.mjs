// The cases on Selvage, and on workerd.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startSelvage } from "../js/server.mjs";

const project = fileURLToPath(new URL(".", import.meta.url));

/** What workerd does otherwise, and why that is not followed. */
const otherwise = {
  "assert: what holds passes, and the rest throws an AssertionError": "workerd's assert.equal() compares strictly",
  "assert: an AssertionError tells what was compared": "workerd says it in the words of another port",
  "async_hooks: AsyncResource": "workerd takes anything for a type",
  "buffer: beside it": "workerd leaves out what has no place in the encoding, where Node writes a question mark",
  "crypto: beside them": "workerd throws a TypeError for lengths that differ, Node a RangeError",
  "diagnostics_channel: what is published reaches the subscribers": "workerd's unsubscribe() does not say whether it found something",
  "process and timers: nextTick runs after the code that runs": "workerd does not look at what it is given",
  "util: inherits, deprecate, debuglog": "workerd's debuglog() is always on",
  "util: aborted()": "workerd resolves with an object",
};

async function startWorkerd() {
  const { outputFiles } = await build({
    entryPoints: [`${project}main.js`], bundle: true, write: false, format: "esm", target: "es2024", logLevel: "error",
    external: ["node:*"], alias: { buffer: "node:buffer", events: "node:events", util: "node:util", "util/types": "node:util/types" },
    banner: { js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire("/");' },
  });
  const miniflare = new Miniflare({
    modules: true, script: outputFiles[0].text, compatibilityDate: "2026-07-30",
    compatibilityFlags: ["nodejs_compat"], bindings: { GREETING: "hello", NUMBERS: [1, 2] },
  });
  const url = await miniflare.ready;
  return { url: url.origin, stop: () => miniflare.dispose() };
}

const selvage = await startSelvage(project);
const workerd = await startWorkerd();
after(async () => {
  await selvage.stop();
  await workerd.stop();
});
const run = async (server) => (await fetch(`${server.url}/run`)).json();
const [ours, theirs] = [await run(selvage), await run(workerd)];

for (const suite of new Set(ours.map((result) => result.suite))) {
  describe(suite, () => {
    for (const result of ours.filter((one) => one.suite === suite)) {
      test(result.name, () => assert.ok(result.passed, result.message));
    }
  });
}

describe("the same on workerd", () => {
  for (const { suite, name, passed, message } of theirs) {
    const id = `${suite}: ${name}`;
    test(id, () => {
      if (Object.hasOwn(otherwise, id)) assert.ok(!passed, "passes on workerd now: take it from the list");
      else assert.ok(passed, message);
    });
  }
  test("every exception names a case", () => {
    const ids = theirs.map(({ suite, name }) => `${suite}: ${name}`);
    for (const id of Object.keys(otherwise)) assert.ok(ids.includes(id), id);
  });
});
