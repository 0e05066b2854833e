import process, { env as sameEnv } from "node:process";
import timers from "node:timers";
import { setTimeout as wait, setInterval as every, scheduler } from "node:timers/promises";
import { describe, equal, ok, test, throws } from "../../js/harness.js";

describe("process and timers");

test("the environment is the worker's variables", () => {
  ok(globalThis.process === process || globalThis.process.env === process.env);
  ok(sameEnv === process.env);
  equal([process.env.GREETING, process.env.NUMBERS, process.env.MISSING], ["hello", "[1,2]", undefined]);
  process.env.SET = 5;
  equal(process.env.SET, "5");
  delete process.env.SET;
  ok(!("SET" in process.env));
});

test("nextTick runs after the code that runs", async () => {
  const seen = [];
  process.nextTick((a) => seen.push(a), 1);
  seen.push(0);
  await null;
  await null;
  equal(seen, [0, 1]);
  throws(() => process.nextTick(5), TypeError);
});

test("facts", () => {
  ok(process.platform === "linux" && /^v\d+/.test(process.version) && process.versions.node.includes("."));
  ok(Array.isArray(process.argv) && process.cwd().startsWith("/"));
  const [seconds, nanoseconds] = process.hrtime();
  ok(seconds > 0 && nanoseconds >= 0 && typeof process.hrtime.bigint() === "bigint");
  ok(process.getBuiltinModule("node:path").join("a", "b") === "a/b");
  ok(global === globalThis);
});

test("timers as objects", async () => {
  const timer = await new Promise((resolve) => {
    const made = timers.setTimeout((a) => resolve([made, a]), 1, "x");
  });
  equal(timer[1], "x");
  ok(timer[0].hasRef() && !timer[0].unref().hasRef());
  let fired = false;
  timers.clearTimeout(timers.setTimeout(() => (fired = true), 1));
  await wait(5);
  ok(!fired);
});

test("setImmediate", async () => {
  equal(await new Promise((resolve) => setImmediate(resolve, "now")), "now");
  let ran = false;
  clearImmediate(setImmediate(() => (ran = true)));
  await wait(2);
  ok(!ran);
});

test("timers as promises", async () => {
  equal(await wait(1, "x"), "x");
  await scheduler.wait(1);
  const seen = [];
  for await (const value of every(1, "tick")) {
    seen.push(value);
    if (seen.length === 3) break;
  }
  equal(seen, ["tick", "tick", "tick"]);
  const controller = new AbortController();
  const aborted = wait(10000, null, { signal: controller.signal }).catch((error) => error);
  controller.abort();
  equal((await aborted).name, "AbortError");
});
