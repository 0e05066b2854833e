// AbortController and AbortSignal.
import { attempt, print } from "lines";

export default async () => {
  const controller = new AbortController();
  const { signal } = controller;
  let events = 0;
  signal.addEventListener("abort", (event) => {
    ++events;
    print("event", event.type, event.target === signal, event.isTrusted, event.bubbles);
  });
  signal.onabort = () => print("onabort");
  print("before", signal.aborted, signal.reason);
  controller.abort("why");
  controller.abort("again");
  print("after", signal.aborted, signal.reason, events);
  await attempt("throwIfAborted", () => signal.throwIfAborted());
  const plain = AbortSignal.abort();
  print("reason", plain.reason.name, plain.reason.message, plain.reason instanceof DOMException);
  const any = AbortSignal.any([new AbortController().signal, AbortSignal.abort("first"), AbortSignal.abort("second")]);
  print("any", any.aborted, any.reason);
  const parent = new AbortController();
  const child = AbortSignal.any([parent.signal]);
  parent.abort("parent");
  print("child", child.aborted, child.reason);
  await attempt("construct", () => new AbortSignal());
  await attempt("any of nothing", () => AbortSignal.any([]).aborted);
  const timeout = AbortSignal.timeout(5);
  await new Promise((resolve) => timeout.addEventListener("abort", resolve));
  print("timeout", timeout.reason.name, timeout.reason.code);
};
