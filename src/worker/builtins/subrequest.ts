// Requests on their way out of the isolate, and the responses to them.
import { makeResponseFromNative, streams } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { beforeOutput } from "./gates.ts";
import { exceptions, sockets } from "./groups.ts";

const { outgoingDrained, outgoingEnd, outgoingFail, outgoingWrite } = natives;

export type BodySource = null | string | Uint8Array | number | ReadableStream;

/** Starts a request with `start`, which gets the body in the form that natives take, and writes a
 * stream's chunks while the answer is awaited. `started` is told the call's number. */
export function startRequest(
  body: BodySource,
  start: (body: OutgoingBody) => [Promise<ResponseParts>, number, number],
  started?: (call: number) => void,
): Promise<ResponseParts> {
  if (body === null || typeof body !== "object" || body instanceof Uint8Array) {
    const [answer, , call] = start(body);
    started?.(call);
    return answer;
  }
  const [answer, pipe, call] = start(true);
  started?.(call);
  const { pumpStream } = streams.load();
  pumpStream(body, (chunk) => {
    const gate = beforeOutput();
    const write = () => outgoingWrite(pipe, chunk) || outgoingDrained(pipe);
    return gate === undefined ? write() : gate.then<unknown>(write);
  }).then(
    () => outgoingEnd(pipe),
    (error: unknown) => outgoingFail(pipe, error instanceof Error ? error.message : String(error)),
  );
  return answer;
}

/** `body` takes the place of the one in `parts`. */
export function responseFromParts(
  parts: ResponseParts, url: string, redirected: boolean, body: BodyId | ReadableStream = parts[3],
): Response {
  const [status, statusText, headers, , socket] = parts;
  if (status === 0) throw exceptions.load().decodeThrown(headers);
  return makeResponseFromNative(
    status,
    statusText,
    headers,
    body,
    url,
    redirected,
    socket < 0 ? null : sockets.load().adoptSocket(socket, url),
  );
}
