// Event, EventTarget: order, once, stop, objects as listeners, capture.
import { attempt, print } from "lines";

export default async () => {
  const target = new EventTarget();
  const log = [];
  target.addEventListener("x", (event) => log.push(`first ${event.eventPhase}`));
  target.addEventListener("x", { handleEvent: (event) => log.push(`object ${event.type}`) });
  target.addEventListener("x", () => log.push("once"), { once: true });
  const same = () => log.push("same");
  target.addEventListener("x", same);
  target.addEventListener("x", same);
  target.dispatchEvent(new Event("x"));
  target.removeEventListener("x", same);
  target.dispatchEvent(new Event("x"));
  print("log", log);
  const stop = new EventTarget();
  stop.addEventListener("y", (event) => event.stopImmediatePropagation());
  stop.addEventListener("y", () => print("not reached"));
  print("dispatch", stop.dispatchEvent(new Event("y")));
  const cancel = new EventTarget();
  cancel.addEventListener("z", (event) => event.preventDefault());
  print("prevented", cancel.dispatchEvent(new Event("z", { cancelable: true })));
  const event = new Event("e", { bubbles: true, cancelable: true, composed: true });
  print("members", event.type, event.bubbles, event.cancelable, event.composed, event.defaultPrevented, event.returnValue, event.cancelBubble, event.composedPath());
  await attempt("no type", () => new Event());
  await attempt("not an event", () => target.dispatchEvent({}));
  await attempt("null listener", () => target.addEventListener("x", null));
  await attempt("twice", () => target.dispatchEvent(event) && target.dispatchEvent(event));
};
