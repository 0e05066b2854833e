// Request.
// https://fetch.spec.whatwg.org/#request-class
import { type AbortSignal, isAbortSignal, newSignal, signalAbort } from "./abort.ts";
import {
  Body,
  type BodySource,
  type BodyState,
  cloneSource,
  connectRequest,
  extractBody,
  extractedType,
  isBodyUsed,
  takeSource,
} from "./body.ts";
import {
  flattenedContentType,
  flattenHeaders,
  type Headers,
  type HeadersInit,
  headersFromBlock,
  headersToBlock,
  isToken,
} from "./headers.ts";
import { parseHref } from "./url.ts";
import { badConstructorArgument, defineInterface, isObject } from "./webidl.ts";

export type CfSource = object | (() => object) | undefined;
export type RedirectMode = "follow" | "manual" | "error";

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: unknown;
  redirect?: string;
  signal?: AbortSignal | null;
  cf?: object;
  cache?: string;
  integrity?: string;
}

class RequestState implements BodyState {
  source: BodySource;
  used = false;
  block: string;
  headers: Headers | null = null;
  readonly immutable: boolean;
  method: string;
  url: string;
  redirect: RedirectMode;
  cf: CfSource;
  signal: AbortSignal | null = null;
  cache: string | undefined = undefined;
  integrity = "";
  /** The client went away before anybody asked for the signal. */
  gone = false;
  goneReason: unknown = undefined;

  constructor(
    method: string,
    url: string,
    block: string,
    source: BodySource,
    cf: CfSource,
    redirect: RedirectMode,
    immutable: boolean,
  ) {
    this.source = source;
    this.block = block;
    this.method = method;
    this.url = url;
    this.cf = cf;
    this.redirect = redirect;
    this.immutable = immutable;
  }
}

const internal = Symbol();

export type RequestInfo = Request | string | { toString(): string };

/** A request from outside: its headers are immutable, its redirect mode is "manual". */
export let makeIncomingRequest: (
  method: string,
  url: string,
  rawHeaders: string,
  bodyId: number,
  cf: CfSource,
) => Request;
/** A request made by the platform. */
export let makeRequestInternal: (
  method: string,
  url: string,
  rawHeaders: string,
  body: BodySource,
  cf: CfSource,
) => Request;

let stateOf: (request: Request) => RequestState;
export let isRequest: (value: unknown) => value is Request;

/** The prototype of Body stands behind it, but its constructor is not run: `super()` costs more
 * than all the rest of a small message. */
export interface Request extends Body {}
export class Request {
  #state: RequestState;

  constructor(input: RequestInfo, init: RequestInit | undefined = undefined) {
    if ((input as unknown) === internal) {
      this.#state = init as unknown as RequestState;
      return;
    }
    if (arguments.length === 0) {
      throw badConstructorArgument("Request", 1, "Request or string");
    }
    this.#state = construct(input, init);
  }

  get method(): string {
    return this.#state.method;
  }
  get url(): string {
    return this.#state.url;
  }
  get headers(): Headers {
    const state = this.#state;
    return (state.headers ??= headersFromBlock(state.block, state.immutable ? "immutable" : "none"));
  }
  get redirect(): string {
    return this.#state.redirect;
  }
  get signal(): AbortSignal {
    const state = this.#state;
    if (state.signal === null) {
      state.signal = newSignal();
      if (state.gone) signalAbort(state.signal, state.goneReason);
    }
    return state.signal;
  }
  get cf(): object | undefined {
    return cfOf(this.#state);
  }
  get integrity(): string {
    return this.#state.integrity;
  }
  get keepalive(): boolean {
    void this.#state;
    return false;
  }
  get cache(): string | undefined {
    return this.#state.cache;
  }

  clone(): Request {
    const state = this.#state;
    const source = cloneSource(state);
    const copy = new RequestState(
      state.method,
      state.url,
      blockOf(state),
      source,
      state.cf,
      state.redirect,
      state.immutable,
    );
    copy.signal = state.signal;
    copy.cache = state.cache;
    copy.integrity = state.integrity;
    return make(copy);
  }

  static {
    stateOf = (request) => request.#state;
    isRequest = (value): value is Request =>
      typeof value === "object" && value !== null && #state in value;
    makeIncomingRequest = (method, url, rawHeaders, bodyId, cf) =>
      make(
        new RequestState(method, url, rawHeaders, bodyId < 0 ? null : bodyId, cf, "manual", true),
      );
    makeRequestInternal = (method, url, rawHeaders, body, cf) =>
      make(new RequestState(method, url, rawHeaders, body, cf, "follow", false));
    connectRequest((value) => (#state in value ? value.#state : undefined));
  }
}
Object.setPrototypeOf(Request, Body);
Object.setPrototypeOf(Request.prototype, Body.prototype);
defineInterface(Request, "Request");

function make(state: RequestState): Request {
  return new Request(internal as unknown as string, state as unknown as RequestInit);
}

function blockOf(state: RequestState): string {
  return state.headers === null ? state.block : headersToBlock(state.headers);
}

function cfOf(state: RequestState): object | undefined {
  const { cf } = state;
  if (typeof cf !== "function") return cf;
  return (state.cf = (cf as () => object)());
}

/** Those that the HTTP side knows; as on Workers, upper case is given to all of them. */
const methods = new Set([
  "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PURGE", "OPTIONS", "TRACE", "COPY", "LOCK",
  "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "SEARCH", "UNLOCK", "ACL", "REPORT", "MKACTIVITY",
  "CHECKOUT", "MERGE", "M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "QUERY", "BAN",
]);

function toMethod(value: unknown): string {
  const method = `${value as string}`;
  if (methods.has(method)) return method;
  const upper = method.toUpperCase();
  if (!isToken(method) || !methods.has(upper)) {
    throw new TypeError(`Invalid HTTP method string: ${method}`);
  }
  return upper;
}

function toRedirect(value: unknown): RedirectMode {
  const mode = `${value as string}`;
  if (mode !== "follow" && mode !== "manual") {
    throw new TypeError(
      'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be ' +
        "implemented since it does not make sense at the edge; use \"manual\" and check the " +
        "response status code).",
    );
  }
  return mode;
}

function toCache(value: unknown): string {
  const cache = `${value as string}`;
  if (cache !== "no-store" && cache !== "no-cache" && cache !== "reload") {
    throw new TypeError(`Unsupported cache mode: ${cache}`);
  }
  return cache;
}

function construct(input: RequestInfo, init: RequestInit | undefined): RequestState {
  let state: RequestState;
  if (isRequest(input)) {
    const from = stateOf(input);
    if (isBodyUsed(from) && init?.body === undefined) {
      throw new TypeError("Cannot reconstruct a Request with a used body.");
    }
    const source =
      init?.body !== undefined && init.body !== null ? null : takeSource(from);
    state = new RequestState(
      from.method,
      from.url,
      blockOf(from),
      source,
      from.cf,
      from.redirect,
      false,
    );
    state.signal = from.signal;
    state.cache = from.cache;
    state.integrity = from.integrity;
  } else {
    const text = `${input as string}`;
    const url = parseHref(text);
    if (url === undefined) throw new TypeError(`Invalid URL: ${text}`);
    state = new RequestState("GET", url, "", null, undefined, "follow", false);
  }
  if (init === undefined || init === null) return state;
  if (!isObject(init)) {
    throw badConstructorArgument("Request", 2, "RequestInitializerDict or Request");
  }

  const { method, headers, body, redirect, signal, cf, cache, integrity } = init;
  if (method !== undefined && method !== null) state.method = toMethod(method);
  let hasType = false;
  if (headers !== undefined && headers !== null) {
    state.block = flattenHeaders(headers);
    hasType = flattenedContentType;
  }
  if (redirect !== undefined) state.redirect = toRedirect(redirect);
  if (signal !== undefined) {
    if (signal !== null && !isAbortSignal(signal)) {
      throw new TypeError(
        "Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value " +
          "is not of type 'AbortSignal'.",
      );
    }
    state.signal = signal;
  }
  if (cf !== undefined && cf !== null) state.cf = { ...cf };
  if (cache !== undefined && cache !== null) state.cache = toCache(cache);
  if (integrity !== undefined) state.integrity = `${integrity}`;
  if (body !== undefined && body !== null) {
    if (state.method === "GET" || state.method === "HEAD") {
      throw new TypeError("Request with a GET or HEAD method cannot have a body.");
    }
    // A Request as init brings its body along.
    state.source = isRequest(init) ? takeSource(stateOf(init)) : extractBody(body);
    if (!isRequest(init) && extractedType !== "" && !hasType) {
      const given = headersFromBlock(state.block, "none");
      if (!given.has("content-type")) {
        state.block += `Content-Type: ${extractedType}\r\n`;
      }
    }
  }
  return state;
}

/** What fetch() makes of its arguments. */
export function toRequest(input: RequestInfo, init: RequestInit | undefined = undefined): Request {
  return init === undefined && isRequest(input) ? input : new Request(input, init);
}

/** As it goes to another worker: without the URL's fragment. */
export function withoutFragment(request: Request): Request {
  const { url } = stateOf(request);
  const at = url.indexOf("#");
  if (at < 0) return request;
  const copy = new Request(request);
  stateOf(copy).url = url.slice(0, at);
  return copy;
}

/** Null when nobody ever asked for one. */
export function requestSignal(request: Request): AbortSignal | null {
  return stateOf(request).signal;
}

/** A body that could be sent once more; undefined when there is one that could not. */
export function replayableBody(request: Request): string | Uint8Array | null | undefined {
  const { source } = stateOf(request);
  return source === null || typeof source === "string" || source instanceof Uint8Array ? source : undefined;
}

export interface RequestParts {
  method: string;
  url: string;
  /** "name: value\r\n"... */
  headers: string;
  redirect: RedirectMode;
  /** null when nobody ever asked for one. */
  signal: AbortSignal | null;
  cf: object | undefined;
  cache: string | undefined;
}

/** All but the body, for sending; see takeBody(). */
export function requestParts(request: Request): RequestParts {
  const state = stateOf(request);
  return {
    method: state.method,
    url: state.url,
    headers: blockOf(state),
    redirect: state.redirect,
    signal: state.signal,
    cf: cfOf(state),
    cache: state.cache,
  };
}

/** The client of an incoming request went away. */
export function abortRequest(request: Request, reason: unknown): void {
  const state = stateOf(request);
  state.gone = true;
  state.goneReason = reason;
  if (state.signal !== null) signalAbort(state.signal, reason);
}
