// The global fetch(): Fetch Standard, section 4.4 as far as a server goes.
import {
  addAbortAlgorithm,
  removeAbortAlgorithm,
  requestParts,
  streams,
  takeBody,
  toRequest,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument } from "../../web/builtins/webidl.ts";
import { beforeOutput } from "./gates.ts";
import { responseFromParts, startRequest } from "./subrequest.ts";

const { bodyCancel, fetchCancel, fetchStart } = natives;

const MOST_REDIRECTS = 20;

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function locationOf(headers: string): string | null {
  const found = /^location:[ \t]*(.*?)[ \t]*\r$/im.exec(headers);
  return found === null ? null : found[1]!;
}

function withoutHeaders(headers: string, names: RegExp): string {
  return headers.replace(names, "");
}

const ABOUT_BODY = /^content-(?:encoding|language|location|type|length):.*\r\n/gim;
const CREDENTIALS = /^(?:authorization|cookie|proxy-authorization):.*\r\n/gim;

/** Rejects as soon as `signal` is aborted; `cancel` then ends the exchange. */
function abortable(
  promise: Promise<ResponseParts>,
  signal: AbortSignal | null,
  cancel: () => void,
): Promise<ResponseParts> {
  if (signal === null) return promise;
  return new Promise<ResponseParts>((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      cancel();
      // An answer may be on its way to us already.
      promise.then(
        (parts) => {
          if (parts[3] >= 0) bodyCancel(parts[3]);
        },
        () => {},
      );
    };
    addAbortAlgorithm(signal, abort);
    promise.then(resolve, reject).finally(() => removeAbortAlgorithm(signal, abort));
  });
}

export async function fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
  if (arguments.length === 0) {
    throw badArgument("fetch", "ServiceWorkerGlobalScope", 1, "Request or string");
  }
  const request = toRequest(input, init);
  const parts = requestParts(request);
  const { redirect, signal } = parts;
  let { method, url, headers } = parts;
  signal?.throwIfAborted();
  const websocket = /^upgrade:[ \t]*websocket[ \t]*\r$/im.test(headers);
  let body = takeBody(request);
  await beforeOutput();
  for (let redirects = 0; ; ++redirects) {
    const scheme = url.slice(0, url.indexOf(":"));
    if (scheme !== "http" && scheme !== "https") {
      throw new TypeError(`Fetch API cannot load: ${url}`);
    }
    const sent = { method, url, headers };
    let call = -1;
    const cancel = () => fetchCancel(call);
    const answer = startRequest(
      body,
      (native) => fetchStart(sent.method, sent.url, sent.headers, native, websocket),
      (number) => {
        call = number;
      },
    );
    const received = await abortable(answer, signal, cancel);
    const status = received[0];
    const location = redirect === "follow" && isRedirect(status) ? locationOf(received[2]) : null;
    if (location === null) {
      if (signal === null || received[3] < 0) return responseFromParts(received, url, redirects > 0);
      const stream = streams.load().abortableStream(received[3], signal, cancel);
      return responseFromParts(received, url, redirects > 0, stream);
    }

    if (received[3] >= 0) bodyCancel(received[3]);
    if (redirects >= MOST_REDIRECTS) {
      throw new TypeError(`Too many redirects. The last one was from ${url}`);
    }
    const next = URL.parse(location, url);
    if (next === null) throw new TypeError(`Invalid redirect location: ${location}`);
    if (new URL(url).origin !== next.origin) headers = withoutHeaders(headers, CREDENTIALS);
    url = next.href;
    if (
      ((status === 301 || status === 302) && method === "POST") ||
      (status === 303 && method !== "GET" && method !== "HEAD")
    ) {
      method = "GET";
      body = null;
      headers = withoutHeaders(headers, ABOUT_BODY);
    } else if (body !== null && (typeof body === "number" || !isReplayable(body))) {
      throw new TypeError(
        "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
      );
    }
  }
}

function isReplayable(body: string | Uint8Array | ReadableStream): boolean {
  return typeof body === "string" || body instanceof Uint8Array;
}
