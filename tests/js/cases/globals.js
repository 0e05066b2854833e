import { describe, equal, ok, test, throws } from "../harness.js";

describe("globals");

const classes = [
  "AbortController", "AbortSignal", "Blob", "Body", "ByteLengthQueuingStrategy", "CloseEvent",
  "CompressionStream", "CountQueuingStrategy", "Crypto", "CustomEvent", "DOMException",
  "DecompressionStream", "ErrorEvent", "Event", "EventTarget", "File", "FixedLengthStream",
  "FormData", "Headers", "IdentityTransformStream", "MessageEvent", "Navigator",
  "PromiseRejectionEvent", "ReadableByteStreamController", "ReadableStream",
  "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest", "ReadableStreamDefaultController",
  "ReadableStreamDefaultReader", "Request", "Response", "SubtleCrypto", "TextDecoder",
  "TextDecoderStream", "TextEncoder", "TextEncoderStream", "TransformStream",
  "TransformStreamDefaultController", "URL", "URLSearchParams", "WebSocket", "WebSocketPair",
  "WritableStream", "WritableStreamDefaultController", "WritableStreamDefaultWriter",
];

test("every class is there, named and tagged", () => {
  for (const name of classes) {
    const value = globalThis[name];
    ok(typeof value === "function", name);
    equal(value.name, name);
    equal(value.prototype[Symbol.toStringTag], name);
    ok(!Object.keys(globalThis).includes(name), `${name} is enumerable`);
    equal(value.prototype.constructor === value, true, name);
    throws(() => value(), TypeError);
  }
});

test("members are enumerable, symbols and constructor are not", () => {
  for (const name of classes) {
    const { prototype } = globalThis[name];
    for (const key of Object.getOwnPropertyNames(prototype)) {
      const { enumerable } = Object.getOwnPropertyDescriptor(prototype, key);
      equal(enumerable, key !== "constructor", `${name}.${key}`);
    }
    for (const key of Object.getOwnPropertySymbols(prototype)) {
      equal(Object.getOwnPropertyDescriptor(prototype, key).enumerable, false, `${name} ${String(key)}`);
    }
  }
});

test("inheritance", () => {
  const parents = {
    Request: Body, Response: Body, File: Blob, AbortSignal: EventTarget, WebSocket: EventTarget,
    CustomEvent: Event, FixedLengthStream: IdentityTransformStream,
    IdentityTransformStream: TransformStream, TextEncoderStream: TransformStream,
    CompressionStream: TransformStream, DOMException: Error,
  };
  for (const [name, parent] of Object.entries(parents)) {
    ok(Object.getPrototypeOf(globalThis[name].prototype) === parent.prototype, name);
  }
  ok(new FixedLengthStream(1) instanceof TransformStream);
});

test("functions", () => {
  const names = [
    "addEventListener", "atob", "btoa", "clearInterval", "clearTimeout", "dispatchEvent", "fetch",
    "queueMicrotask", "removeEventListener", "reportError", "setInterval", "setTimeout",
    "structuredClone",
  ];
  for (const name of names) {
    equal(typeof globalThis[name], "function", name);
    equal(globalThis[name].name, name);
  }
});

test("objects", () => {
  ok(self === globalThis);
  equal(origin, "null");
  equal(navigator.userAgent, "Cloudflare-Workers");
  ok(navigator instanceof Navigator);
  equal(Object.prototype.toString.call(console), "[object console]");
  const now = performance.now();
  ok(now <= performance.now());
  equal(performance.timeOrigin, 0);
  ok(Math.abs(performance.now() - Date.now()) < 1000);
});

test("a global can be replaced", () => {
  const { Headers: original } = globalThis;
  globalThis.Headers = 5;
  equal(globalThis.Headers, 5);
  globalThis.Headers = original;
});

test("nothing of the runtime leaks", () => {
  for (const name of ["__nativeFunction", "__builtins", "natives", "process", "require", "Buffer"]) {
    equal(typeof globalThis[name], "undefined", name);
  }
});

test("no code from strings", () => {
  throws(() => (0, eval)("1 + 1"), EvalError);
  throws(() => new Function("return 1"), EvalError);
});

test("DOMException", () => {
  const error = new DOMException("message", "NotFoundError");
  ok(error instanceof Error);
  equal([error.name, error.message, error.code], ["NotFoundError", "message", 8]);
  equal(new DOMException().name, "Error");
  equal(new DOMException("x", "Unheard").code, 0);
  equal([DOMException.DATA_CLONE_ERR, error.ABORT_ERR], [25, 20]);
  equal(String(error), "NotFoundError: message");
  ok(error.stack.startsWith("NotFoundError: message"));
  ok(!Object.hasOwn(error, "message"));
});

test("console has every method", () => {
  const names = [
    "assert", "clear", "count", "countReset", "debug", "dir", "dirxml", "error", "group",
    "groupCollapsed", "groupEnd", "info", "log", "table", "time", "timeEnd", "timeLog", "trace",
    "warn",
  ];
  for (const name of names) equal(typeof console[name], "function", name);
});
