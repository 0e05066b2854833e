import { describe, equal, milliseconds, ok, test, throws } from "../harness.js";

describe("timers");

test("order: by time, then as set", async () => {
  const seen = [];
  await new Promise((resolve) => {
    setTimeout(() => { seen.push("late"); resolve(); }, 20);
    setTimeout(() => seen.push("first"), 1);
    setTimeout(() => seen.push("second"), 1);
  });
  equal(seen, ["first", "second", "late"]);
});

test("arguments are passed on", async () => {
  equal(await new Promise((resolve) => setTimeout((...args) => resolve(args), 1, "a", 2)), ["a", 2]);
});

test("clearTimeout()", async () => {
  let fired = false;
  const id = setTimeout(() => { fired = true; }, 1);
  equal(typeof id, "number");
  clearTimeout(id);
  clearTimeout(id);
  clearTimeout(undefined);
  clearTimeout(123456789);
  await milliseconds(5);
  equal(fired, false);
});

test("setInterval() repeats until cleared", async () => {
  let count = 0;
  await new Promise((resolve) => {
    const id = setInterval(() => {
      if (++count === 3) {
        clearInterval(id);
        resolve();
      }
    }, 1);
  });
  await milliseconds(5);
  equal(count, 3);
});

test("clear functions are the same", async () => {
  let fired = false;
  clearInterval(setTimeout(() => { fired = true; }, 1));
  await milliseconds(4);
  equal(fired, false);
});

test("a timer's error does not stop others", async () => {
  const caught = [];
  const onError = (event) => { caught.push(event.error.message); event.preventDefault(); };
  addEventListener("error", onError);
  setTimeout(() => { throw new Error("from a timer"); }, 1);
  await new Promise((resolve) => setTimeout(resolve, 3));
  removeEventListener("error", onError);
  equal(caught, ["from a timer"]);
});

test("strange delays", async () => {
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setTimeout(resolve, -5));
  await new Promise((resolve) => setTimeout(resolve, NaN));
  await new Promise((resolve) => setTimeout(resolve, "1"));
  throws(() => setTimeout("code"), TypeError);
});

test("microtasks come before timers", async () => {
  const seen = [];
  setTimeout(() => seen.push("timer"), 0);
  queueMicrotask(() => {
    seen.push("microtask");
    Promise.resolve().then(() => seen.push("promise"));
  });
  await milliseconds(5);
  equal(seen, ["microtask", "promise", "timer"]);
  throws(() => queueMicrotask("x"), TypeError);
});

test("scheduler.wait()", async () => {
  const before = Date.now();
  equal(await scheduler.wait(5), undefined);
  ok(Date.now() - before >= 4);
});
