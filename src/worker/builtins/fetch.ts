// The global fetch(): Fetch Standard, section 4.4 as far as a server goes.
import {
  addAbortAlgorithm,
  makeRequestInternal,
  removeAbortAlgorithm,
  requestParts,
  streams,
  takeBody,
  toRequest,
  withoutFragment,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument } from "../../web/builtins/webidl.ts";
import { beforeOutput } from "./gates.ts";
import { type BodySource, responseFromParts, startRequest } from "./subrequest.ts";

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
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, cancel?: () => void): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      cancel?.();
    };
    addAbortAlgorithm(signal, abort);
    promise.then(resolve, reject).finally(() => removeAbortAlgorithm(signal, abort));
  });
}

function abortable(
  promise: Promise<ResponseParts>,
  signal: AbortSignal | null,
  cancel: () => void,
): Promise<ResponseParts> {
  if (signal === null) return promise;
  return unlessAborted(promise, signal, () => {
    cancel();
    // An answer may be on its way to us already.
    promise.then(
      (parts) => {
        if (parts[3] >= 0) bodyCancel(parts[3]);
      },
      () => {},
    );
  });
}

/** Starts one exchange; see natives.fetchStart. */
type Open = (
  method: string, url: string, headers: string, body: OutgoingBody,
) => [Promise<ResponseParts>, number, number];

export function checkScheme(url: string): void {
  const scheme = url.slice(0, url.indexOf(":"));
  if (scheme !== "http" && scheme !== "https") throw new TypeError(`Fetch API cannot load: ${url}`);
}

interface Sent<Body> {
  method: string;
  url: string;
  headers: string;
  body: Body;
}

/** What follows `sent`, which was answered with `status` and led to `location`; `urls`: where the
 * requests before it went. An undefined body cannot be sent again. */
function redirected<Body>(sent: Sent<Body>, status: number, location: string, urls: string[]): Sent<Body | null> {
  const { url } = sent;
  let { method, headers } = sent;
  urls.push(url);
  if (urls.length > MOST_REDIRECTS) throw new TypeError(`Too many redirects.${urls.join(", ")}`);
  const next = URL.parse(location, url);
  if (next === null) throw new TypeError(`Invalid redirect location: ${location}`);
  next.hash = "";
  if (new URL(url).origin !== next.origin) headers = withoutHeaders(headers, CREDENTIALS);
  if (
    ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD")
  ) {
    method = "GET";
    return { method, url: next.href, headers: withoutHeaders(headers, ABOUT_BODY), body: null };
  }
  if (sent.body === undefined) {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
    );
  }
  return { method, url: next.href, headers, body: sent.body };
}

/** Where a response of this isolate leads, if it is a redirect. */
export function redirectTarget(response: Response): string | null {
  return isRedirect(response.status) ? response.headers.get("location") : null;
}

/** The request that a redirect asks for; for both within this isolate. */
export function nextRequest(
  request: Request, response: Response, location: string, body: string | Uint8Array | null | undefined,
  urls: string[],
): Request {
  const { method, url, headers, cf } = requestParts(request);
  const next = redirected({ method, url, headers, body }, response.status, location, urls);
  return makeRequestInternal(next.method, next.url, next.headers, next.body ?? null, cf);
}

/** Sends a request by `open` once `gate` is open, follows redirects, and minds its signal. */
export async function fetchBy(request: Request, gate: Promise<void> | undefined, open: Open): Promise<Response> {
  const { method, url, headers, redirect, signal } = requestParts(request);
  signal?.throwIfAborted();
  checkScheme(url);
  let sent: Sent<BodySource> = { method, url, headers, body: takeBody(request) };
  if (gate !== undefined) await gate;
  for (const urls: string[] = []; ; ) {
    const { method, url, headers, body } = sent;
    let call = -1;
    const cancel = () => fetchCancel(call);
    const answer = startRequest(
      body,
      (native) => open(method, url, headers, native),
      (number) => {
        call = number;
      },
    );
    const received = await abortable(answer, signal, cancel);
    const status = received[0];
    const location = redirect === "follow" && isRedirect(status) ? locationOf(received[2]) : null;
    if (location === null) {
      if (signal === null || received[3] < 0) return responseFromParts(received, url, urls.length > 0);
      const stream = streams.load().abortableStream(received[3], signal, cancel);
      return responseFromParts(received, url, urls.length > 0, stream);
    }
    if (received[3] >= 0) bodyCancel(received[3]);
    const again = body === null || typeof body === "string" || body instanceof Uint8Array ? body : undefined;
    sent = redirected({ method, url, headers, body: again }, status, location, urls) as Sent<BodySource>;
  }
}

export async function fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
  if (arguments.length === 0) {
    throw badArgument("fetch", "ServiceWorkerGlobalScope", 1, "Request or string");
  }
  const request = withoutFragment(toRequest(input, init));
  const websocket = /^upgrade:[ \t]*websocket[ \t]*\r$/im.test(requestParts(request).headers);
  return fetchBy(request, beforeOutput(), (method, url, headers, body) =>
    fetchStart(method, url, headers, body, websocket),
  );
}
