// queueMicrotask. V8 itself brings none: the reaction of a resolved promise is one.
// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#microtask-queuing
import { reportUncaught } from "./event.ts";
import { badArgument } from "./webidl.ts";

const resolved = Promise.resolve();
const { then } = Promise.prototype;

/** `callback` must not throw. */
export function enqueueMicrotask(callback: () => void): void {
  then.call(resolved, callback);
}

export function queueMicrotask(callback: () => void): void {
  if (typeof callback !== "function") {
    throw badArgument("queueMicrotask", "ServiceWorkerGlobalScope", 1, "function");
  }
  enqueueMicrotask(() => {
    try {
      callback();
    } catch (error) {
      reportUncaught(error);
    }
  });
}
