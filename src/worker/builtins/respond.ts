// From a Response to bytes on their way.
import {
  encodeBodyManually,
  isResponse,
  responseHeaderBlock,
  responseIsError,
  responseStatus,
  responseStatusText,
  responseWebSocket,
  streams,
  takeBody,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { exceptions, sockets } from "./groups.ts";

const {
  outgoingDrained,
  outgoingEnd,
  outgoingFail,
  outgoingWrite,
  respondBody,
  respondBytes,
  respondEmpty,
  respondException: respondExceptionNatively,
  respondSocket,
  respondStream,
  respondText,
} = natives;

/** The invocation ends with an exception. */
export function respondException(id: InvocationId, thrown: unknown): void {
  respondExceptionNatively(id, thrown, exceptions.load().encodeThrown(thrown));
}

/** Writes a stream to a native pipe, at the reader's pace. */
export function pumpToPipe(stream: ReadableStream, pipe: number): Promise<void> {
  const { pumpStream } = streams.load();
  return pumpStream(stream, (chunk) => outgoingWrite(pipe, chunk) || outgoingDrained(pipe)).then(
    () => outgoingEnd(pipe),
    (error: unknown) => outgoingFail(pipe, error instanceof Error ? error.message : String(error)),
  );
}

/** The content coding that a body is given when the script names it and does not do it itself. */
function codingOf(headers: string): string | undefined {
  return /^content-encoding:[ \t]*(gzip|br)[ \t]*\r$/im.exec(headers)?.[1];
}

export function sendResponse(id: InvocationId, response: unknown): void {
  try {
    if (!isResponse(response)) {
      throw new TypeError(
        "Incorrect type for Promise: the Promise did not resolve to 'Response'.",
      );
    }
    send(id, response);
  } catch (error) {
    respondException(id, error);
  }
}

function send(id: InvocationId, response: Response): void {
  const socket = responseWebSocket(response);
  if (socket !== null) return sendSocket(id, response, socket);
  if (responseIsError(response)) {
    throw new TypeError(
      "Return value from serve handler must not be an error response (like Response.error())",
    );
  }
  const status = responseStatus(response);
  const statusText = responseStatusText(response);
  const headers = responseHeaderBlock(response);
  const coding =
    headers.includes("ncoding") && !encodeBodyManually(response) ? codingOf(headers) : undefined;
  const body = takeBody(response);
  if (typeof body === "string") {
    respondText(id, status, statusText, headers, body, coding);
  } else if (body === null) {
    respondEmpty(id, status, statusText, headers);
  } else if (typeof body === "number") {
    respondBody(id, status, statusText, headers, body, coding);
  } else if (body instanceof Uint8Array) {
    respondBytes(id, status, statusText, headers, body, coding);
  } else {
    const pipe = respondStream(id, status, statusText, headers, streams.load().streamLength(body), coding);
    if (pipe < 0) {
      body.cancel("the client is gone").catch(() => {});
    } else {
      void pumpToPipe(body, pipe);
    }
  }
}

function sendSocket(id: InvocationId, response: Response, socket: WebSocket): void {
  const { connectTo, nativeSocketOf, registerSocket, takePairPeer } = sockets.load();
  const far = nativeSocketOf(socket);
  const headers = responseHeaderBlock(response);
  const peer = far < 0 ? takePairPeer(socket) : null;
  const number = respondSocket(id, headers, far);
  if (number === undefined) {
    if (peer !== null) {
      sockets.load().deliverClose(peer, 1006, "WebSocket disconnected without sending Close frame.", false);
    }
    throw new TypeError(
      "Worker tried to return WebSocket in a response to a request which did not contain the header \"Upgrade: websocket\".",
    );
  }
  if (peer === null) return;
  registerSocket(number, peer);
  connectTo(peer, number);
}
