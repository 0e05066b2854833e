// Response.
// https://fetch.spec.whatwg.org/#response-class
import {
  Body,
  type BodySource,
  type BodyState,
  cloneSource,
  connectResponse,
  extractBody,
  extractedType,
} from "./body.ts";
import { isWebSocket } from "./groups.ts";
import {
  flattenedContentType,
  flattenHeaders,
  type Headers,
  type HeadersInit,
  headersFromBlock,
  headersToBlock,
} from "./headers.ts";
import type { ReadableStream } from "./streams.ts";
import { parseHref } from "./url.ts";
import { badConstructorArgument, defineInterface, isObject } from "./webidl.ts";
import type { WebSocket } from "./websocket.ts";

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  cf?: object;
  webSocket?: WebSocket | null;
  encodeBody?: string;
}

class ResponseState implements BodyState {
  source: BodySource;
  used = false;
  block: string;
  headers: Headers | null = null;
  status = 200;
  /** null: the standard phrase of the status. */
  statusText: string | null = null;
  webSocket: WebSocket | null = null;
  cf: object | undefined = undefined;
  url = "";
  redirected = false;
  isError = false;
  manual = false;
  immutable = false;

  constructor(source: BodySource, block: string) {
    this.source = source;
    this.block = block;
  }
}

const internal = Symbol();
const textHeader = "Content-Type: text/plain;charset=UTF-8\r\n";

let stateOf: (response: Response) => ResponseState;
export let isResponse: (value: unknown) => value is Response;
export let responseStatus: (response: Response) => number;
/** "" for the standard phrase. */
export let responseStatusText: (response: Response) => string;
/** All header lines, the default Content-Type included. */
export let responseHeaderBlock: (response: Response) => string;

/** The prototype of Body stands behind it, but its constructor is not run: `super()` costs more
 * than all the rest of a small message. */
export interface Response extends Body {}
export class Response {
  #state: ResponseState;

  constructor(body: unknown = null, init: ResponseInit | undefined = undefined) {
    if (body === internal) {
      this.#state = init as unknown as ResponseState;
      return;
    }
    // The way of most responses: text and nothing more.
    if (typeof body === "string" && init === undefined) {
      this.#state = new ResponseState(body, textHeader);
      return;
    }
    this.#state = construct(body, init);
  }

  static error(): Response {
    const state = new ResponseState(null, "");
    state.status = 0;
    state.statusText = "";
    state.isError = true;
    state.immutable = true;
    return make(state);
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    const text = `${url as string}`;
    const href = parseHref(text);
    if (href === undefined) throw new TypeError(`Unable to parse URL: ${text}`);
    const code = Number(status);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(
        `${String(status)} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`,
      );
    }
    const state = new ResponseState(null, `Location: ${href}\r\n`);
    state.status = code;
    state.immutable = true;
    return make(state);
  }

  static json(data: unknown, init: ResponseInit | undefined = undefined): Response {
    // The text "undefined" for what has no JSON, as on Workers.
    const text = `${JSON.stringify(data)}`;
    if (init === undefined) {
      return make(new ResponseState(text, "Content-Type: application/json\r\n"));
    }
    const state = construct(null, init);
    state.source = text;
    checkNullBody(state);
    if (headersFromBlock(state.block, "none").get("content-type") === null) {
      state.block += "Content-Type: application/json\r\n";
    }
    return make(state);
  }

  get status(): number {
    return this.#state.status;
  }
  get statusText(): string {
    const { statusText, status } = this.#state;
    return statusText ?? phrases[status] ?? "";
  }
  get ok(): boolean {
    const { status } = this.#state;
    return status >= 200 && status <= 299;
  }
  get headers(): Headers {
    const state = this.#state;
    return (state.headers ??= headersFromBlock(state.block, state.immutable ? "immutable" : "none"));
  }
  get redirected(): boolean {
    return this.#state.redirected;
  }
  get url(): string {
    return this.#state.url;
  }
  get type(): string {
    return this.#state.isError ? "error" : "default";
  }
  get webSocket(): WebSocket | null {
    return this.#state.webSocket;
  }
  get cf(): object | undefined {
    return this.#state.cf;
  }

  clone(): Response {
    const state = this.#state;
    if (state.webSocket !== null) {
      throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    }
    const copy = new ResponseState(cloneSource(state), blockOf(state));
    copy.status = state.status;
    copy.statusText = state.statusText;
    copy.cf = state.cf;
    copy.url = state.url;
    copy.redirected = state.redirected;
    copy.isError = state.isError;
    copy.manual = state.manual;
    copy.immutable = state.immutable;
    return make(copy);
  }

  static {
    stateOf = (response) => response.#state;
    isResponse = (value): value is Response =>
      typeof value === "object" && value !== null && #state in value;
    responseStatus = (response) => response.#state.status;
    responseStatusText = (response) => response.#state.statusText ?? "";
    responseHeaderBlock = (response) => blockOf(response.#state);
    connectResponse((value) => (#state in value ? value.#state : undefined));
  }
}
Object.setPrototypeOf(Response, Body);
Object.setPrototypeOf(Response.prototype, Body.prototype);
defineInterface(Response, "Response");

function make(state: ResponseState): Response {
  return new Response(internal, state as unknown as ResponseInit);
}

function blockOf(state: ResponseState): string {
  return state.headers === null ? state.block : headersToBlock(state.headers);
}

/** Some statuses have no body. As on Workers an empty one counts as none. */
function checkNullBody(state: ResponseState): void {
  const { status } = state;
  if (status !== 101 && status !== 204 && status !== 205 && status !== 304) return;
  const { source } = state;
  if (source === "" || (source instanceof Uint8Array && source.length === 0)) state.source = null;
  if (state.source !== null) {
    throw new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");
  }
}

function construct(body: unknown, init: ResponseInit | undefined): ResponseState {
  const source = extractBody(body);
  const type = extractedType;
  const state = new ResponseState(source, "");
  if (init === undefined || init === null) {
    if (type !== "") state.block = `Content-Type: ${type}\r\n`;
    return state;
  }
  if (!isObject(init)) {
    throw badConstructorArgument("Response", 2, "InitializerDict or Response");
  }
  if (isResponse(init)) {
    const from = stateOf(init);
    state.status = from.status;
    state.statusText = from.statusText;
    state.block = blockOf(from);
    state.cf = from.cf;
    state.webSocket = from.webSocket;
    state.manual = from.manual;
    if (type !== "" && headersFromBlock(state.block, "none").get("content-type") === null) {
      state.block += `Content-Type: ${type}\r\n`;
    }
    checkStatus(state);
    checkNullBody(state);
    return state;
  }

  const { status, statusText, headers, webSocket, cf, encodeBody } = init;
  if (status !== undefined) state.status = toStatus(status);
  if (statusText !== undefined) state.statusText = toStatusText(statusText);
  if (webSocket !== undefined && webSocket !== null) {
    if (!isWebSocket(webSocket)) {
      throw new TypeError(
        "Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is " +
          "not of type 'WebSocket'.",
      );
    }
    state.webSocket = webSocket;
  }
  if (cf !== undefined && cf !== null) state.cf = { ...cf };
  if (encodeBody !== undefined) {
    if (encodeBody !== "manual" && encodeBody !== "automatic") {
      throw new TypeError(`encodeBody: unexpected value: ${String(encodeBody)}`);
    }
    state.manual = encodeBody === "manual";
  }
  checkStatus(state);
  checkNullBody(state);
  if (headers === undefined || headers === null) {
    if (type !== "") state.block = `Content-Type: ${type}\r\n`;
  } else {
    const block = flattenHeaders(headers);
    state.block = type === "" || flattenedContentType ? block : `${block}Content-Type: ${type}\r\n`;
  }
  return state;
}

function toStatus(value: unknown): number {
  // unsigned short
  return Math.trunc(Number(value)) & 0xffff;
}

function checkStatus(state: ResponseState): void {
  if (state.webSocket !== null) {
    if (state.status !== 101) {
      throw new RangeError("Responses with a WebSocket must have status code 101.");
    }
  } else if (state.status < 200 || state.status > 599) {
    throw new RangeError(
      "Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
    );
  }
}

function toStatusText(value: unknown): string {
  const text = `${value as string}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) {
      throw new TypeError("Invalid statusText");
    }
  }
  return text;
}

/** The answer of a fetch(), or of another worker. */
export function makeResponseFromNative(
  status: number,
  statusText: string,
  rawHeaders: string,
  body: BodyId | ReadableStream,
  url: string,
  redirected: boolean,
  webSocket: WebSocket | null,
): Response {
  const state = new ResponseState(body === -1 ? null : body, rawHeaders);
  state.status = status;
  state.statusText = statusText;
  state.url = url;
  state.redirected = redirected;
  state.webSocket = webSocket;
  state.immutable = true;
  return make(state);
}

/** A response of this isolate's becomes what fetch() gave for `url`. */
export function markFetched(response: Response, url: string, redirected: boolean): void {
  const state = stateOf(response);
  state.block = blockOf(state);
  state.headers = null;
  state.immutable = true;
  state.url = url;
  state.redirected = redirected;
}

export function responseWebSocket(response: Response): WebSocket | null {
  return stateOf(response).webSocket;
}

export function responseIsError(response: Response): boolean {
  return stateOf(response).isError;
}

export function encodeBodyManually(response: Response): boolean {
  return stateOf(response).manual;
}

/** RFC 9110, section 15, as workerd words them. */
const phrases: Record<number, string | undefined> = {
  100: "Continue",
  101: "Switching Protocols",
  102: "Processing",
  103: "Early Hints",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  207: "Multi-Status",
  208: "Already Reported",
  226: "IM Used",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  305: "Use Proxy",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Payload Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a teapot",
  421: "Misdirected Request",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  510: "Not Extended",
  511: "Network Authentication Required",
};
