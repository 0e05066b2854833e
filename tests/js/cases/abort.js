import { describe, equal, milliseconds, ok, rejects, test, throws } from "../harness.js";

describe("abort");

test("abort() sets the reason and fires once", () => {
  const controller = new AbortController();
  let count = 0;
  controller.signal.addEventListener("abort", (event) => {
    count++;
    equal(event.target, controller.signal);
  });
  controller.signal.onabort = () => count++;
  equal(controller.signal.aborted, false);
  equal(controller.signal.reason, undefined);
  controller.abort();
  controller.abort(new Error("later"));
  equal(count, 2);
  equal(controller.signal.aborted, true);
  equal(controller.signal.reason.name, "AbortError");
  ok(controller.signal.reason instanceof DOMException);
});

test("the reason given is the reason kept", () => {
  const reason = { any: "value" };
  const controller = new AbortController();
  controller.abort(reason);
  equal(controller.signal.reason === reason, true);
  try {
    controller.signal.throwIfAborted();
    ok(false);
  } catch (error) {
    equal(error === reason, true);
  }
});

test("AbortSignal.abort()", () => {
  equal(AbortSignal.abort().aborted, true);
  equal(AbortSignal.abort(5).reason, 5);
  equal(AbortSignal.abort().reason.name, "AbortError");
});

test("AbortSignal.timeout() aborts with a TimeoutError", async () => {
  const signal = AbortSignal.timeout(5);
  equal(signal.aborted, false);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  equal(signal.reason.name, "TimeoutError");
});

test("AbortSignal.any() follows the first", () => {
  const first = new AbortController();
  const second = new AbortController();
  const any = AbortSignal.any([first.signal, second.signal]);
  const nested = AbortSignal.any([any]);
  const order = [];
  any.addEventListener("abort", () => order.push("any"));
  nested.addEventListener("abort", () => order.push("nested"));
  second.abort("why");
  equal(any.aborted, true);
  equal(any.reason, "why");
  equal(nested.reason, "why");
  equal(order, ["any", "nested"]);
  first.abort("late");
  equal(any.reason, "why");
});

test("AbortSignal.any() of an aborted one is aborted", () => {
  const any = AbortSignal.any([new AbortController().signal, AbortSignal.abort("x")]);
  equal(any.aborted, true);
  equal(any.reason, "x");
  equal(AbortSignal.any([]).aborted, false);
});

test("no constructor", () => {
  throws(() => new AbortSignal(), TypeError);
});

test("a listener goes with its signal", () => {
  const controller = new AbortController();
  const target = new EventTarget();
  let count = 0;
  target.addEventListener("x", () => count++, { signal: controller.signal });
  target.dispatchEvent(new Event("x"));
  controller.abort();
  target.dispatchEvent(new Event("x"));
  equal(count, 1);
});

test("scheduler.wait() stops with its signal", async () => {
  const controller = new AbortController();
  const waiting = scheduler.wait(10000, { signal: controller.signal });
  controller.abort();
  const error = await rejects(waiting, "AbortError");
  ok(error === controller.signal.reason);
  await milliseconds(1);
});
