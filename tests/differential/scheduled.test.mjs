// The scheduled handler on both runtimes, dispatched by hand: what it is given, what it may do, and
// which outcome is told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { lifetime, Session, temporaryFolder } from "../support/selvage.mjs";

const project = fileURLToPath(new URL("scheduled/", import.meta.url));

async function onMiniflare(options) {
  const miniflare = new Miniflare({
    compatibilityDate: "2026-07-30",
    unsafeTriggerHandlers: true,
    bindings: { WORD: "word" },
    // Exceptions are thrown on purpose.
    handleRuntimeStdio: (out, err) => (out.resume(), err.resume()),
    ...options,
  });
  return { url: (await miniflare.ready).origin, stop: () => miniflare.dispose() };
}
const life = lifetime();
/** Events can be dispatched by hand in development only. */
async function onSelvage(path) {
  const data = temporaryFolder(life);
  const session = await new Session(life, ["dev", project + path, "--port", "0", "--data", data]).ready();
  return { url: session.url };
}
const source = (path) => readFileSync(project + path, "utf8");

const [modules, listening, without] = await Promise.all([
  Promise.all([onSelvage(""), onMiniflare({ modules: true, script: source("index.js") })]),
  Promise.all([onSelvage("listening"), onMiniflare({ script: source("listening/index.js") })]),
  Promise.all([
    onSelvage("without"),
    onMiniflare({ modules: true, script: source("without/index.js") }),
  ]),
]);
after(() => Promise.all([modules, listening, without].flat().map((server) => server.stop?.())));

/** The event's outcome, and what the handler saw. */
async function dispatch(server, query) {
  const response = await fetch(`${server.url}/cdn-cgi/handler/scheduled?${query}`);
  const outcome = { status: response.status, text: await response.text() };
  return { outcome, seen: await (await fetch(server.url)).json() };
}

async function same([ours, theirs], query) {
  const expected = await dispatch(theirs, query);
  assert.deepEqual(await dispatch(ours, query), expected);
  return expected;
}

describe("scheduled() is given what it is given on workerd", () => {
  for (const query of [
    "cron=*+*+*+*+*&time=1700000000000",
    "cron=%2A/5%20*%20*%20*%20MON%2CTUE",
    "cron=time&time=0",
    "cron=time&time=-5",
    "",
    "cron=",
  ]) {
    test(query === "" ? "nothing" : query, () => same(modules, query));
  }
});

describe("the outcome of scheduled() is the same", () => {
  for (const cron of [
    "throws", "noRetry", "noRetry, throws", "waits", "waits twice", "waits in vain", "hangs", "value",
    "timer", "rejection",
  ]) {
    test(cron, async () => {
      await same(modules, new URLSearchParams({ cron, time: 1, format: "json" }));
      await same(modules, new URLSearchParams({ cron, time: 1 }));
    });
  }
});

describe("so it is in service worker syntax", () => {
  for (const cron of ["a", "noRetry", "throws"]) {
    test(cron, () => same(listening, new URLSearchParams({ cron, time: 7, format: "json" })));
  }
});

test("a worker without a handler fails alike", () => same(without, "cron=a&format=json"));
