// WebSockets that lead out of the isolate, by their number on the native side.
import {
  attachTransport,
  createWebSocket,
  deliverClose,
  deliverError,
  deliverMessage,
  openWebSocket,
  setWebSocketConnector,
} from "../../web/builtins/websocket.ts";
import { natives } from "../../web/builtins/natives.ts";

const { bodyCancel, fetchStart, socketClose, socketSend } = natives;

const open = new Map<number, WebSocket>();
/** Sockets that came in a response and have not been used: they can be handed on as they are. */
const numbers = new WeakMap<WebSocket, number>();

export function registerSocket(number: number, socket: WebSocket): void {
  open.set(number, socket);
}

/** The script's end of the socket `number`, which came with a response. */
export function adoptSocket(number: number, url: string): WebSocket {
  const socket = createWebSocket(url);
  open.set(number, socket);
  numbers.set(socket, number);
  connectTo(socket, number);
  return socket;
}

/** What `socket` sends goes to the native socket `number`. */
export function connectTo(socket: WebSocket, number: number): void {
  attachTransport(socket, {
    send: (data) => socketSend(number, data),
    close: (code, reason) => socketClose(number, code, reason),
  });
}

/** -1 when the socket is the end of a pair. */
export function nativeSocketOf(socket: WebSocket): number {
  return numbers.get(socket) ?? -1;
}

export function socketMessage(number: number, data: string | ArrayBuffer): void {
  const socket = open.get(number);
  if (socket !== undefined) deliverMessage(socket, data);
}

export function socketClosed(number: number, code: number, reason: string): void {
  const socket = open.get(number);
  if (socket === undefined) return;
  open.delete(number);
  deliverClose(socket, code, reason, true);
}

export function socketError(number: number, message: string): void {
  const socket = open.get(number);
  if (socket === undefined) return;
  open.delete(number);
  deliverError(socket, message);
  deliverClose(socket, 1006, "WebSocket disconnected without sending Close frame.", false);
}

/** new WebSocket(url): the handshake, then the socket is the script's. */
setWebSocketConnector((socket, url, protocols) => {
  const headers =
    protocols.length === 0 ? "" : `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n`;
  const [answer] = fetchStart("GET", url.replace(/^ws/, "http"), headers, null, true);
  answer.then(
    ([status, , responseHeaders, body, number]) => {
      if (body >= 0) bodyCancel(body);
      if (number < 0) {
        return deliverError(socket, `Failed to establish the WebSocket connection: status ${status}`);
      }
      open.set(number, socket);
      connectTo(socket, number);
      const protocol = /^sec-websocket-protocol:[ \t]*(.*?)[ \t]*\r$/im.exec(responseHeaders);
      openWebSocket(socket, protocol?.[1] ?? "", "");
    },
    (error: Error) => deliverError(socket, error.message),
  );
});
