// The input gate of Durable Objects: what runs while a critical section is open, and in which order.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { ask } from "../support/requests.mjs";
import { lifetime, root, serve } from "../support/selvage.mjs";

const folder = join(root, "tests/tenants/gates");
const limit = { timeout: 30_000 };

const section = ["s", "s end"];
/** Each in an object of its own: the path, and what is written down. */
const programs = [
  ["one", ["event", "after", "microtask", ...section, "done"]],
  ["two", ["event", "after", "first", "first end", "first done", "second", "second end"]],
  ["two_with_storage", ["event", "after", "first", "first end", "first done", "second", "second end"]],
  ["nested", ["event", "outer", "inner", "inner end", "outer again", "outer end"]],
  ["nested_not_awaited", ["event", "outer", "outer end", "outer done", "inner", "inner end"]],
  ["left_behind", ["event", "section", "done", "timer of the section"]],
  ["transaction", ["event", "transaction", "transaction end"]],
  ["call_within", ["event", "peer"]],
  ["call_before", ["event", ...section, "done", "answer"]],
  ["plain_value", ["event", 5]],
  ["not_a_function", ["event", "TypeError: Failed to execute 'blockConcurrencyWhile' on 'DurableObjectState': parameter 1 is not of type 'function'."]],
  ["depth?levels=64", ["event"]],
  ["nothing?name=prepared", ["constructor", "microtask of the constructor", "section of the constructor", "its end", "event"]],
];

/** Two requests or more for one object at the same time, and what the last one is told. */
const meetings = [
  ["one,nothing", ["event", "after", "microtask", ...section, "done", "event"]],
  ["one,wait,nothing", ["event", "after", "microtask", ...section, "done", "event", "event"]],
  // Storage answers within the turn, here and with workerd's SQLite: there is no time for others to
  // come in, whether they are allowed to or not.
  ["storage,nothing", ["event", "done", "event"]],
  ["storage,nothing?name=concurrent&allowConcurrency", ["event", "done", "event"]],
  ["storage,nothing?name=all&allowConcurrency&allowUnconfirmed&noCache", ["event", "done", "event"]],
  ["sync,nothing", ["event", "event"]],
  ["two,nothing", ["event", "after", "first", "first end", "first done", "second", "second end", "event"]],
];

for (const threads of ["1", "2"]) {
  describe(`with ${threads} thread(s)`, () => {
    const suite = lifetime();
    let session, miniflare;
    before(async () => {
      session = await serve(suite, folder, "--threads", threads);
      if (threads !== "1") return;
      miniflare = new Miniflare({
        modules: true, script: readFileSync(join(folder, "index.js"), "utf8"), compatibilityDate: "2026-05-01",
        durableObjects: { OBJECT: "Gated", PEER: "Peer" },
      });
      suite.after(() => miniflare.dispose());
      await miniflare.ready;
    });

    const ours = async (path) => JSON.parse((await ask(session.port, `/${path}`)).text);
    const theirs = async (path) => (await miniflare.dispatchFetch(`http://localhost/${path}`)).json();

    for (const [path, expected] of [...programs, ...meetings]) {
      test(path, limit, async () => {
        const answer = (await ours(path)).at(-1);
        assert.deepEqual(answer, expected);
        if (miniflare !== undefined) assert.deepEqual((await theirs(path)).at(-1), answer, "workerd");
      });
    }

    // workerd delivers timers one after the other: one that waits for the section holds up those
    // that the section waits for, until the object is reset.
    for (const [path, expected] of [
      ["timer_before", ["event", ...section, "done", "timer from before"]],
      ["interval_before", ["event", "section end", "done", "interval 1", "interval 2"]],
      ["cleared_while_parked", ["event"]],
    ]) {
      test(path, limit, async () => assert.deepEqual(await ours(path), [expected]));
    }

    for (const path of ["depth?levels=65", "section_fails", "section_fails,nothing,nothing"]) {
      test(`${path}: the object is reset, and everyone who waits is told`, limit, async () => {
        const answers = await ours(path);
        assert.equal(answers.length, path.split(",").length);
        for (const { marks } of answers) assert.equal(marks.durableObjectReset, true);
        if (miniflare !== undefined) assert.deepEqual(await theirs(path), answers);
      });
    }
  });
}
