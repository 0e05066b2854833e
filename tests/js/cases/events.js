import { describe, equal, ok, test, throws } from "../harness.js";

describe("events");

test("attributes of an event", () => {
  const event = new Event("kind", { bubbles: true, cancelable: true, composed: true });
  equal([event.type, event.bubbles, event.cancelable, event.composed], ["kind", true, true, true]);
  equal([event.target, event.currentTarget, event.eventPhase], [null, null, 0]);
  equal([event.defaultPrevented, event.returnValue, event.isTrusted], [false, true, false]);
  equal(new Event(5).type, "5");
  equal([Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, Event.BUBBLING_PHASE], [0, 1, 2, 3]);
  throws(() => new Event(), TypeError);
});

test("listeners run in order, each once", () => {
  const target = new EventTarget();
  const seen = [];
  const listener = () => seen.push("function");
  target.addEventListener("x", listener);
  target.addEventListener("x", listener);
  target.addEventListener("x", { handleEvent() { seen.push("object"); } });
  equal(target.dispatchEvent(new Event("x")), true);
  equal(seen, ["function", "object"]);
  target.removeEventListener("x", listener);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["function", "object", "object"]);
});

test("target and phase during dispatch", () => {
  const target = new EventTarget();
  let seen;
  target.addEventListener("x", function (event) {
    seen = [event.target === target, event.currentTarget === target, event.eventPhase, this === target];
    equal(event.composedPath().length, 1);
  });
  const event = new Event("x");
  target.dispatchEvent(event);
  equal(seen, [true, true, 2, true]);
  equal([event.target === target, event.eventPhase, event.composedPath().length], [true, 0, 0]);
});

test("once, and removal while dispatching", () => {
  const target = new EventTarget();
  const seen = [];
  const second = () => seen.push("second");
  target.addEventListener("x", () => {
    seen.push("first");
    target.removeEventListener("x", second);
    target.addEventListener("x", () => seen.push("late"), { once: true });
  }, { once: true });
  target.addEventListener("x", second);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["first"]);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["first", "late"]);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["first", "late"]);
});

test("preventDefault() needs cancelable", () => {
  const target = new EventTarget();
  target.addEventListener("x", (event) => event.preventDefault());
  equal(target.dispatchEvent(new Event("x")), true);
  const event = new Event("x", { cancelable: true });
  equal(target.dispatchEvent(event), false);
  equal([event.defaultPrevented, event.returnValue], [true, false]);
});

test("a passive listener cannot cancel", () => {
  const target = new EventTarget();
  const event = new Event("x", { cancelable: true });
  target.addEventListener("x", (given) => given.preventDefault(), { passive: true });
  equal(target.dispatchEvent(event), true);
});

test("stopImmediatePropagation()", () => {
  const target = new EventTarget();
  let count = 0;
  target.addEventListener("x", (event) => { count++; event.stopImmediatePropagation(); });
  target.addEventListener("x", () => count++);
  target.dispatchEvent(new Event("x"));
  equal(count, 1);
});

test("an event can be dispatched again, but not within itself", () => {
  const target = new EventTarget();
  const event = new Event("x");
  let count = 0;
  target.addEventListener("x", () => {
    count++;
    throws(() => target.dispatchEvent(event), "InvalidStateError");
  }, { once: true });
  target.addEventListener("x", () => count++);
  target.dispatchEvent(event);
  target.dispatchEvent(event);
  equal(count, 3);
});

test("a throwing listener does not stop the others", () => {
  const target = new EventTarget();
  let count = 0;
  const caught = [];
  const onError = (event) => { caught.push(event.error); event.preventDefault(); };
  addEventListener("error", onError);
  try {
    target.addEventListener("x", () => { throw new RangeError("from a listener"); });
    target.addEventListener("x", () => count++);
    target.dispatchEvent(new Event("x"));
  } finally {
    removeEventListener("error", onError);
  }
  equal(count, 1);
  equal(caught.map((error) => error.message), ["from a listener"]);
});

test("reportError() goes to the global scope", () => {
  const caught = [];
  const onError = (event) => { caught.push(event); event.preventDefault(); };
  addEventListener("error", onError);
  const error = new Error("reported");
  reportError(error);
  removeEventListener("error", onError);
  equal(caught.length, 1);
  ok(caught[0] instanceof ErrorEvent && caught[0].error === error);
});

test("subclasses", () => {
  class Own extends EventTarget {
    constructor() {
      super();
      this.mine = 1;
    }
  }
  const own = new Own();
  let seen = 0;
  own.addEventListener("x", (event) => (seen = event.target.mine));
  own.dispatchEvent(new Event("x"));
  equal(seen, 1);
});

test("the events of the platform", () => {
  equal(new CustomEvent("x", { detail: { a: 1 } }).detail, { a: 1 });
  equal(new CustomEvent("x").detail, null);
  const message = new MessageEvent("message", { data: "text" });
  equal(message.data, "text");
  const close = new CloseEvent("close", { code: 4000, reason: "why", wasClean: true });
  equal([close.code, close.reason, close.wasClean], [4000, "why", true]);
  equal([new CloseEvent("close").code, new CloseEvent("close").wasClean], [0, false]);
  const error = new ErrorEvent("error", { message: "m", filename: "f", lineno: 1, colno: 2, error: 5 });
  equal([error.message, error.filename, error.lineno, error.colno, error.error], ["m", "f", 1, 2, 5]);
  for (const event of [message, close, error]) ok(event instanceof Event);
});

test("null is no listener", () => {
  const target = new EventTarget();
  target.addEventListener("x", null);
  target.removeEventListener("x", null);
  equal(target.dispatchEvent(new Event("x")), true);
  throws(() => target.dispatchEvent({}), TypeError);
});
