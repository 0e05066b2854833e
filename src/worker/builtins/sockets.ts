// WebSockets that lead out of the isolate, by their number on the native side.
import {
  attachTransport,
  createWebSocket,
  failWebSocket,
  openWebSocket,
  setSocketOwnerSource,
  setWebSocketConnector,
  type SocketOwner,
  type Transport,
} from "../../web/builtins/websocket.ts";
import { natives } from "../../web/builtins/natives.ts";
import { objects } from "./groups.ts";
import type { ObjectSockets } from "./object_sockets.ts";

const { bodyCancel, fetchStart, socketAttach, socketClose, socketReading, socketSend } = natives;

/** The sockets that the script may use or listen to. */
export const openSockets = new Map<number, WebSocket>();
/** Those of it that the other side has closed, and the script has not. */
export const halfOpen = new Set<number>();
/** Sockets that came in a response and have not been used: they can be handed on as they are. */
const numbers = new WeakMap<WebSocket, number>();

/** The way to the native socket `number`. */
class NativeTransport implements Transport {
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
  }
  send(data: string | Uint8Array, storage: number): void {
    socketSend(this.#number, data, storage);
  }
  close(code: number, reason: string, storage: number): void {
    if (halfOpen.delete(this.#number)) openSockets.delete(this.#number);
    socketClose(this.#number, code, reason, storage);
  }
  own(owner: SocketOwner, socket: WebSocket): void {
    (owner as ObjectSockets).own(socket, this.#number);
  }
  attach(attachment: Uint8Array): void {
    socketAttach(this.#number, attachment);
  }
  setReading(reading: boolean): void {
    socketReading(this.#number, reading);
  }
}

export function transportTo(number: number): Transport {
  return new NativeTransport(number);
}

export function registerSocket(number: number, socket: WebSocket): void {
  openSockets.set(number, socket);
}

/** The script's end of the socket `number`, which came with a response. */
export function adoptSocket(number: number, url: string): WebSocket {
  const socket = createWebSocket(url);
  openSockets.set(number, socket);
  numbers.set(socket, number);
  connectTo(socket, number);
  return socket;
}

/** What `socket` sends goes to the native socket `number`. */
export function connectTo(socket: WebSocket, number: number): void {
  attachTransport(socket, new NativeTransport(number));
}

/** -1 when the socket is the end of a pair. */
export function nativeSocketOf(socket: WebSocket): number {
  return numbers.get(socket) ?? -1;
}

setSocketOwnerSource(() => objects.loaded?.runningObject()?.sockets ?? null);

/** new WebSocket(url): the handshake, then the socket is the script's. */
setWebSocketConnector((socket, url, protocols) => {
  const headers =
    protocols.length === 0 ? "" : `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n`;
  const [answer] = fetchStart("GET", url.replace(/^ws/, "http"), headers, null, true);
  answer.then(
    ([status, , responseHeaders, body, number]) => {
      if (body >= 0) bodyCancel(body);
      if (number < 0) {
        return failWebSocket(
          socket,
          `Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received ${status} instead.`,
        );
      }
      openSockets.set(number, socket);
      connectTo(socket, number);
      const protocol = /^sec-websocket-protocol:[ \t]*(.*?)[ \t]*\r$/im.exec(responseHeaders);
      const extensions = /^sec-websocket-extensions:[ \t]*(.*?)[ \t]*\r$/im.exec(responseHeaders);
      openWebSocket(socket, protocol?.[1] ?? "", extensions?.[1] ?? "");
    },
    (error: Error) => failWebSocket(socket, error.message),
  );
});
