// Request and Response on their way through RPC.
import {
  type BodySource,
  encodeBodyManually,
  headersFromBlock,
  isReadableStream,
  makeRequestInternal,
  Request,
  requestParts,
  Response,
  responseHeaderBlock,
  responseIsError,
  responseStatus,
  responseStatusText,
  responseWebSocket,
  takeBody,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";

const { encodeUtf8 } = natives;

/** Makes a stream of bytes, or of a body on the native side, that the receiver reads. */
type Attach = (source: Uint8Array | BodyId) => unknown;

function bodyContent(message: Request | Response, attach: Attach): unknown {
  if (message.bodyUsed) throw new TypeError("The ReadableStream has been locked to a reader.");
  const source = takeBody(message);
  if (source === null || (typeof source === "object" && isReadableStream(source))) return source;
  return attach(typeof source === "string" ? encodeUtf8(source) : source);
}

interface RequestContent {
  method: string;
  url: string;
  headers: string;
  redirect: string;
  signal: unknown;
  cf: object | undefined;
  cache: string | undefined;
  body: unknown;
}

export function requestContent(request: Request, attach: Attach): RequestContent {
  const { method, url, headers, redirect, signal, cf, cache } = requestParts(request);
  const body = bodyContent(request, attach);
  return { method, url, headers, redirect, signal, cf, cache, body };
}

export function requestOf(content: RequestContent): Request {
  const { method, url, headers, redirect, cf, cache, body } = content;
  const request = makeRequestInternal(method, url, headers, body as BodySource, cf);
  return redirect === "follow" && cache === undefined
    ? request
    : new Request(request, { redirect, cache });
}

interface ResponseContent {
  status: number;
  statusText: string;
  headers: string;
  cf: object | undefined;
  webSocket: unknown;
  manual: boolean;
  body: unknown;
}

export function responseContent(response: Response, attach: Attach): ResponseContent {
  return {
    status: responseIsError(response) ? 0 : responseStatus(response),
    statusText: responseStatusText(response),
    headers: responseHeaderBlock(response),
    cf: response.cf,
    webSocket: responseWebSocket(response),
    manual: encodeBodyManually(response),
    body: bodyContent(response, attach),
  };
}

export function responseOf(content: ResponseContent): Response {
  const { status, statusText, headers, cf, manual, body } = content;
  if (status === 0) return Response.error();
  return new Response(body, {
    status,
    statusText: statusText === "" ? undefined : statusText,
    headers: headersFromBlock(headers, "none"),
    cf,
    encodeBody: manual ? "manual" : "automatic",
  });
}
