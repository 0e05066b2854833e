// The Web platform as a whole: what a script sees (installGlobals), and what the dispatcher uses.
// See ../README.md.
import { AbortController, AbortSignal } from "./abort.ts";
import { atob, btoa } from "./base64.ts";
import { Body } from "./body.ts";
import { console } from "./console.ts";
import { Crypto, crypto, SubtleCrypto } from "./crypto.ts";
import { DOMException } from "./dom_exception.ts";
import {
  CloseEvent,
  CustomEvent,
  ErrorEvent,
  Event,
  EventTarget,
  globalTarget,
  MessageEvent,
  PromiseRejectionEvent,
  reportUncaught,
} from "./event.ts";
import type { Group } from "./group.ts";
import { forms, messages, streams, subtle, urlPattern, websockets } from "./groups.ts";
import { Headers } from "./headers.ts";
import { natives } from "./natives.ts";
import { queueMicrotask } from "./microtask.ts";
import { Navigator, navigator } from "./navigator.ts";
import { Performance, performance } from "./performance.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { Scheduler, scheduler } from "./scheduler.ts";
import { structuredClone } from "./structured_clone.ts";
import { TextDecoder, TextEncoder } from "./text_encoding.ts";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "./timers.ts";
import { URL } from "./url.ts";
import { URLSearchParams } from "./url_search_params.ts";
import { badArgument } from "./webidl.ts";

export { addAbortAlgorithm, isAbortSignal, newSignal, removeAbortAlgorithm, signalAbort } from "./abort.ts";
export type { AbortSignal } from "./abort.ts";
export { type BodySource, isBodyUsed, replaceStream, takeBody } from "./body.ts";
export { applyCompatibility } from "./compatibility.ts";
export { console } from "./console.ts";
export { DOMException, makeDOMException } from "./dom_exception.ts";
export {
  dispatchTrusted,
  Event,
  EventTarget,
  fireUnhandledRejection,
  globalTarget,
  hasGlobalListener,
  hasListener,
  reportUncaught,
  uncaughtSoFar,
} from "./event.ts";
export { Group } from "./group.ts";
export {
  forms,
  inspection,
  isBlob,
  isFile,
  isReadableStream,
  isWebSocket,
  messages,
  streams,
  subtle,
  urlPattern,
  websockets,
} from "./groups.ts";
export { Headers, headersFromBlock, headersToBlock, isHeaders } from "./headers.ts";
export {
  abortRequest,
  isRequest,
  makeIncomingRequest,
  makeRequestInternal,
  Request,
  type RequestInfo,
  type RequestInit,
  requestParts,
  type RequestParts,
  replayableBody,
  requestSignal,
  toRequest,
  withoutFragment,
} from "./request.ts";
export {
  encodeBodyManually,
  isResponse,
  makeResponseFromNative,
  markFetched,
  Response,
  responseHeaderBlock,
  responseIsError,
  responseStatus,
  responseStatusText,
  responseWebSocket,
} from "./response.ts";
export type { ReadableStream, WritableStream } from "./streams.ts";
export { cloneHooks } from "./structured_clone.ts";
export { fireTimer, sweepTimers } from "./timers.ts";
export { parseHref, URL } from "./url.ts";
export { bytesOfSource, defineInterface, platformPrototypes } from "./webidl.ts";
export type { WebSocket } from "./websocket.ts";

const { lazyGlobal } = natives;

function reportError(error: unknown): void {
  if (arguments.length === 0) throw badArgument("reportError", "ServiceWorkerGlobalScope", 1, "any");
  reportUncaught(error);
}

/** Classes and objects; not enumerable, as Web IDL has it. */
const globals = {
  AbortController,
  AbortSignal,
  Body,
  CloseEvent,
  Crypto,
  CustomEvent,
  DOMException,
  ErrorEvent,
  Event,
  EventTarget,
  Headers,
  MessageEvent,
  Navigator,
  Performance,
  PromiseRejectionEvent,
  Request,
  Response,
  Scheduler,
  SubtleCrypto,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  console,
  crypto,
  navigator,
  performance,
  scheduler,
};

/** Classes that a group brings when one of them is first touched; not enumerable, either. */
const lazyGlobals: [Group<object>, string[]][] = [
  [streams, [
    "ByteLengthQueuingStrategy", "CompressionStream", "CountQueuingStrategy",
    "DecompressionStream", "FixedLengthStream", "IdentityTransformStream",
    "ReadableByteStreamController", "ReadableStream", "ReadableStreamBYOBReader",
    "ReadableStreamBYOBRequest", "ReadableStreamDefaultController", "ReadableStreamDefaultReader",
    "TextDecoderStream", "TextEncoderStream", "TransformStream",
    "TransformStreamDefaultController", "WritableStream", "WritableStreamDefaultController",
    "WritableStreamDefaultWriter",
  ]],
  [forms, ["Blob", "File", "FormData"]],
  [messages, ["MessageChannel", "MessagePort"]],
  [subtle, ["CryptoKey"]],
  [urlPattern, ["URLPattern"]],
  [websockets, ["WebSocket", "WebSocketPair", "WebSocketRequestResponsePair"]],
];

/** The native side asks for the value of a lazyGlobal(). */
export function makeLazyGlobal(name: string): unknown {
  const [group] = lazyGlobals.find(([, names]) => names.includes(name))!;
  return (group.load() as Record<string, unknown>)[name];
}

/** Functions; enumerable. */
const functions = {
  addEventListener: globalTarget.addEventListener,
  atob,
  btoa,
  clearInterval,
  clearTimeout,
  dispatchEvent: globalTarget.dispatchEvent,
  queueMicrotask,
  removeEventListener: globalTarget.removeEventListener,
  reportError,
  setInterval,
  setTimeout,
  structuredClone,
};

/** Defines everything that a script sees. Once, while the snapshot is made. */
export function installGlobals(global: object): void {
  const define = (name: string, value: unknown, enumerable: boolean) =>
    Object.defineProperty(global, name, { value, enumerable, writable: true, configurable: true });
  for (const [name, value] of Object.entries(globals)) define(name, value, false);
  for (const [, names] of lazyGlobals) names.forEach(lazyGlobal);
  for (const [name, value] of Object.entries(functions)) {
    // The bundler may have renamed it.
    Object.defineProperty(value, "name", { value: name, configurable: true });
    define(name, value, true);
  }
  define("self", global, true);
  define("origin", "null", true);
}
