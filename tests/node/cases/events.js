import EventEmitter, { captureRejectionSymbol, errorMonitor, getEventListeners, on, once } from "node:events";
import { EventEmitter as Bare } from "events";
import { inherits } from "node:util";
import { describe, equal, ok, rejects, test, throws } from "../../js/harness.js";

describe("events");

test("one class under every name", () => {
  ok(EventEmitter === Bare && EventEmitter.EventEmitter === EventEmitter);
});

test("listeners are called in order, with the emitter as this", () => {
  const emitter = new EventEmitter();
  const seen = [];
  emitter.on("x", function (a, b) { seen.push(this === emitter, a, b); });
  emitter.prependListener("x", () => seen.push("first"));
  equal(emitter.emit("x", 1, 2), true);
  equal(seen, ["first", true, 1, 2]);
  equal(emitter.emit("y"), false);
});

test("once() listens once", () => {
  const emitter = new EventEmitter();
  let count = 0;
  const listener = () => ++count;
  emitter.once("x", listener);
  equal(emitter.listeners("x")[0] === listener && emitter.rawListeners("x")[0].listener === listener, true);
  emitter.emit("x");
  emitter.emit("x");
  equal(count, 1);
  emitter.once("x", listener).off("x", listener);
  equal(emitter.listenerCount("x"), 0);
});

test("changes while emitting count from the next time on", () => {
  const emitter = new EventEmitter();
  const seen = [];
  const b = () => seen.push("b");
  emitter.on("x", () => {
    seen.push("a");
    emitter.off("x", b);
    emitter.on("x", () => seen.push("c"));
  });
  emitter.on("x", b);
  emitter.emit("x");
  equal(seen, ["a", "b"]);
});

test("newListener and removeListener", () => {
  const emitter = new EventEmitter();
  const seen = [];
  const listener = () => {};
  emitter.on("newListener", (name, added) => seen.push(["new", name, added === listener]));
  emitter.on("removeListener", (name, removed) => seen.push(["remove", name, removed === listener]));
  emitter.once("x", listener);
  emitter.removeAllListeners("x");
  equal(seen, [["new", "removeListener", false], ["new", "x", true], ["remove", "x", true]]);
});

test("an error without a listener is thrown", () => {
  const emitter = new EventEmitter();
  const seen = [];
  emitter.on(errorMonitor, (error) => seen.push(error.message));
  throws(() => emitter.emit("error", new RangeError("bad")), RangeError, "bad");
  equal(throws(() => emitter.emit("error", "text"), Error).code, "ERR_UNHANDLED_ERROR");
  emitter.on("error", (error) => seen.push(`handled ${error.message}`));
  emitter.emit("error", new Error("b"));
  equal(seen, ["bad", undefined, "b", "handled b"]);
});

test("names and counts", () => {
  const emitter = new EventEmitter();
  const symbol = Symbol("s");
  emitter.on("a", () => {}).on(symbol, () => {}).on("a", () => {});
  equal(emitter.eventNames(), ["a", symbol]);
  equal([emitter.listenerCount("a"), getEventListeners(emitter, "a").length], [2, 2]);
  emitter.removeAllListeners();
  equal(emitter.eventNames(), []);
  equal([emitter.getMaxListeners(), emitter.setMaxListeners(3).getMaxListeners()], [10, 3]);
  throws(() => emitter.on("a", 5), TypeError);
});

test("subclasses of either kind", () => {
  class A extends EventEmitter {}
  function B() {
    EventEmitter.call(this);
  }
  inherits(B, EventEmitter);
  for (const emitter of [new A(), new B()]) {
    let seen;
    emitter.on("x", (value) => (seen = value));
    emitter.emit("x", 1);
    equal(seen, 1);
    ok(emitter instanceof EventEmitter);
  }
  const borrowed = Object.assign({}, EventEmitter.prototype);
  let called = false;
  borrowed.on("x", () => (called = true));
  borrowed.emit("x");
  ok(called);
});

test("once() as a promise", async () => {
  const emitter = new EventEmitter();
  const next = once(emitter, "x");
  emitter.emit("x", 1, 2);
  equal(await next, [1, 2]);
  const failing = once(emitter, "x");
  emitter.emit("error", new RangeError("bad"));
  await rejects(failing, RangeError, "bad");
  const target = new EventTarget();
  const event = once(target, "y");
  target.dispatchEvent(new Event("y"));
  equal((await event)[0].type, "y");
  const controller = new AbortController();
  const aborted = once(emitter, "x", { signal: controller.signal });
  controller.abort();
  const error = await aborted.catch((error) => error);
  equal([error.name, error.code], ["AbortError", "ABORT_ERR"]);
  equal(emitter.eventNames(), []);
});

test("on() as an iterator", async () => {
  const emitter = new EventEmitter();
  const seen = [];
  const iterator = on(emitter, "x");
  emitter.emit("x", 1);
  emitter.emit("x", 2);
  for await (const [value] of iterator) {
    seen.push(value);
    if (value === 2) break;
  }
  equal(seen, [1, 2]);
  equal(emitter.eventNames(), []);
});

test("captureRejections", async () => {
  const emitter = new EventEmitter({ captureRejections: true });
  const error = once(emitter, "error").catch((thrown) => thrown);
  const seen = new Promise((resolve) => emitter.on("error", resolve));
  emitter.on("x", async () => { throw new RangeError("async"); });
  emitter.emit("x");
  equal((await seen).message, "async");
  await error;
  const own = new EventEmitter({ captureRejections: true });
  const caught = new Promise((resolve) => (own[captureRejectionSymbol] = (...args) => resolve(args)));
  own.on("x", async () => { throw new RangeError("mine"); });
  own.emit("x", 7);
  const [thrown, name, argument] = await caught;
  equal([thrown.message, name, argument], ["mine", "x", 7]);
});
