// WebSocket and WebSocketPair. Two ends of a pair are linked here; an end whose other side is on the
// network has a transport instead, which the dispatcher attaches.
// https://websockets.spec.whatwg.org/ with the additions of Workers: accept(), WebSocketPair.
import { compatibility } from "./compatibility.ts";
import { DOMException } from "./dom_exception.ts";
import {
  CloseEvent,
  defineHandlers,
  dispatchTrusted,
  ErrorEvent,
  Event,
  EventTarget,
  MessageEvent,
} from "./event.ts";
import { forms } from "./groups.ts";
import { isToken } from "./headers.ts";
import { enqueueMicrotask } from "./microtask.ts";
import { natives } from "./natives.ts";
import { URL } from "./url.ts";
import {
  badArgument,
  badConstructorArgument,
  bytesOfSource,
  defineConstants,
  defineInterface,
} from "./webidl.ts";

const { encodeUtf8 } = natives;

/** The way to the other side of an end that is connected to the network. */
export interface Transport {
  send(data: string | Uint8Array): void;
  /** Code 1005: a close frame without a code. */
  close(code: number, reason: string): void;
}

type Incoming =
  | { kind: "message"; data: string | Uint8Array }
  | { kind: "close"; code: number; reason: string; wasClean: boolean }
  | { kind: "error"; message: string };

const internal = Symbol();
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const noStatus = 1005;

/** Connects `new WebSocket(url)`; set by the dispatcher. */
let connect: ((socket: WebSocket, url: string, protocols: string[]) => void) | undefined;
export function setWebSocketConnector(
  connector: (socket: WebSocket, url: string, protocols: string[]) => void,
): void {
  connect = connector;
}

export let isWebSocket: (value: unknown) => value is WebSocket;
/** An end for the network: attachTransport() follows. Not accepted yet. */
export let createWebSocket: (url: string | null) => WebSocket;
export let makePair: () => [WebSocket, WebSocket];
/** Connects an end to the network. What it sent before (as an end of a pair) is sent now. */
export let attachTransport: (socket: WebSocket, transport: Transport) => void;
/** The handshake of `new WebSocket()` succeeded: open, accepted, "open" event. */
export let openWebSocket: (socket: WebSocket, protocol: string, extensions: string) => void;
/** An end of a pair goes to the network with a Response: returns the other end, to which
 * attachTransport() is to be applied. A TypeError when the end is in use. */
export let takePairPeer: (socket: WebSocket) => WebSocket;
export let deliverMessage: (socket: WebSocket, data: string | ArrayBuffer) => void;
/** A close frame (code 1005: without a code); or 1006, not clean: the connection is gone. */
export let deliverClose: (
  socket: WebSocket,
  code: number,
  reason: string,
  wasClean: boolean,
) => void;
/** The connection failed: an "error" event, then "close" with 1006. */
export let deliverError: (socket: WebSocket, message: string) => void;

export class WebSocket extends EventTarget {
  #state = OPEN;
  #url: string | null = null;
  #protocol = "";
  #extensions = "";
  #binaryType: "blob" | "arraybuffer" = compatibility.binaryType;
  #accepted = false;
  #halfOpen = false;
  /** Made by `new WebSocket()`: accepts itself when it is open. */
  #client = false;
  /** Went away with a Response. */
  #released = false;
  #closeSent = false;
  #closeReceived = false;
  #peer: WebSocket | null = null;
  #transport: Transport | null = null;
  /** Received and not delivered yet. */
  #incoming: Incoming[] = [];
  #delivering = false;

  constructor(url: unknown, protocols: unknown = undefined) {
    super();
    if (url === internal) return;
    if (arguments.length === 0) throw badConstructorArgument("WebSocket", 1, "string");
    const parsed = URL.parse(url);
    if (parsed === null) {
      throw new DOMException("WebSocket Constructor: The url is invalid.", "SyntaxError");
    }
    if (parsed.protocol === "http:") parsed.protocol = "ws:";
    if (parsed.protocol === "https:") parsed.protocol = "wss:";
    if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
      throw new DOMException(
        "WebSocket Constructor: The url scheme must be ws or wss.",
        "SyntaxError",
      );
    }
    if (parsed.href.includes("#")) {
      throw new DOMException("WebSocket Constructor: The url fragment must be empty.", "SyntaxError");
    }
    const list: string[] =
      protocols === undefined
        ? []
        : typeof protocols === "string"
          ? [protocols]
          : Array.from(protocols as Iterable<unknown>, (protocol) => `${protocol as string}`);
    for (const protocol of list) {
      if (!isToken(protocol) || list.indexOf(protocol) !== list.lastIndexOf(protocol)) {
        throw new DOMException(
          "WebSocket Constructor: The protocol header token is invalid.",
          "SyntaxError",
        );
      }
    }
    if (connect === undefined) throw new TypeError("Illegal constructor");
    this.#url = parsed.href;
    this.#state = CONNECTING;
    this.#client = true;
    connect(this, parsed.href, list);
  }

  get readyState(): number {
    return this.#state;
  }
  get url(): string | null {
    return this.#url;
  }
  get protocol(): string {
    return this.#protocol;
  }
  get extensions(): string {
    return this.#extensions;
  }
  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(type: string) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  /** Begins to deliver messages and to let them be sent. */
  accept(options: { allowHalfOpen?: boolean } | undefined = undefined): void {
    if (this.#client) {
      throw new TypeError(
        "Websockets obtained from the 'new WebSocket()' constructor cannot call accept",
      );
    }
    if (this.#released) {
      throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    }
    if (this.#accepted) return;
    this.#accepted = true;
    this.#halfOpen = !!options?.allowHalfOpen;
    this.#deliver();
  }

  send(message: unknown): void {
    if (arguments.length === 0) {
      throw badArgument("send", "WebSocket", 1, "ArrayBuffer or ArrayBufferView or string");
    }
    if (!this.#accepted) throw notAccepted();
    if (this.#closeSent) throw new TypeError("Can't call WebSocket send() after close().");
    if (typeof message === "string") {
      this.#send(message.toWellFormed());
      return;
    }
    // A copy: the script may write to its buffer before the other side has read.
    const bytes = bytesOfSource(message);
    this.#send(bytes === undefined ? `${message as string}`.toWellFormed() : bytes.slice());
  }

  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    if (!this.#accepted && !this.#client) throw notAccepted();
    if (code !== undefined) {
      code = Math.trunc(Number(code)) || 0;
      if (
        code < 1000 ||
        code > 4999 ||
        code === 1004 ||
        code === 1005 ||
        code === 1006 ||
        code === 1015
      ) {
        throw new DOMException(`Invalid WebSocket close code: ${code}.`, "InvalidAccessError");
      }
    }
    if (reason !== undefined) {
      if (code === undefined) {
        throw new DOMException(
          "If you specify a WebSocket close reason, you must also specify a code.",
          "InvalidAccessError",
        );
      }
      reason = `${reason}`.toWellFormed();
      if (encodeUtf8(reason).length > 123) {
        throw new DOMException(
          "WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.",
          "SyntaxError",
        );
      }
    }
    if (this.#closeSent || this.#state === CLOSED) return;
    this.#state = this.#closeReceived ? CLOSED : CLOSING;
    this.#sendClose(code ?? noStatus, reason ?? "");
  }

  #send(data: string | Uint8Array): void {
    if (this.#transport !== null) this.#transport.send(data);
    else if (this.#peer !== null) this.#peer.#receive({ kind: "message", data });
  }

  #sendClose(code: number, reason: string): void {
    this.#closeSent = true;
    if (this.#transport !== null) this.#transport.close(code, reason);
    else if (this.#peer !== null) this.#peer.#receive({ kind: "close", code, reason, wasClean: true });
  }

  #receive(incoming: Incoming): void {
    this.#incoming.push(incoming);
    this.#deliver();
  }

  /** In a microtask of its own: never from within send() of the other end. */
  #deliver(): void {
    if (!this.#accepted || this.#delivering || this.#incoming.length === 0) return;
    this.#delivering = true;
    enqueueMicrotask(() => {
      this.#delivering = false;
      const incoming = this.#incoming.shift();
      if (incoming === undefined) return;
      this.#dispatch(incoming);
      this.#deliver();
    });
  }

  #dispatch(incoming: Incoming): void {
    switch (incoming.kind) {
      case "message":
        if (!this.#closeReceived) this.#dispatchMessage(incoming.data);
        break;
      case "close":
        this.#dispatchClose(incoming.code, incoming.reason, incoming.wasClean);
        break;
      case "error": {
        const error = new Error(incoming.message);
        this.#dispatchError(error);
        break;
      }
    }
  }

  #dispatchMessage(data: string | Uint8Array): void {
    const shown =
      typeof data === "string"
        ? data
        : this.#binaryType === "blob"
          ? forms.load().blobOf(data, "")
          : wholeBuffer(data);
    dispatchTrusted(this, new MessageEvent("message", { data: shown }));
  }

  #dispatchClose(code: number, reason: string, wasClean: boolean): void {
    if (this.#closeReceived) return;
    this.#closeReceived = true;
    if (!wasClean) this.#closeSent = true;
    else if (!this.#closeSent && !this.#halfOpen) this.#sendClose(code, reason);
    this.#state = this.#closeSent ? CLOSED : CLOSING;
    dispatchTrusted(this, new CloseEvent("close", { code, reason, wasClean }));
  }

  #dispatchError(error: Error): void {
    if (this.#closeReceived) return;
    this.#state = CLOSED;
    dispatchTrusted(this, new ErrorEvent("error", { error, message: error.message }));
    this.#dispatchClose(1006, "WebSocket disconnected without sending Close frame.", false);
  }

  #release(): void {
    if (this.#released) {
      throw new TypeError("Can't return WebSocket that was already used in a response.");
    }
    if (this.#accepted || this.#client) {
      throw new TypeError("Can't return WebSocket in a Response after calling accept().");
    }
    this.#released = true;
  }

  static {
    isWebSocket = (value): value is WebSocket =>
      typeof value === "object" && value !== null && #peer in value;
    createWebSocket = (url) => {
      const socket = new WebSocket(internal);
      socket.#url = url;
      return socket;
    };
    makePair = () => {
      const first = new WebSocket(internal);
      const second = new WebSocket(internal);
      first.#peer = second;
      second.#peer = first;
      return [first, second];
    };
    attachTransport = (socket, transport) => {
      socket.#transport = transport;
      const peer = socket.#peer;
      if (peer === null) return;
      socket.#peer = null;
      peer.#peer = null;
      for (const sent of peer.#incoming.splice(0)) {
        if (sent.kind === "message") transport.send(sent.data);
        else if (sent.kind === "close") transport.close(sent.code, sent.reason);
      }
    };
    openWebSocket = (socket, protocol, extensions) => {
      if (socket.#state !== CONNECTING) return;
      socket.#protocol = protocol;
      socket.#extensions = extensions;
      socket.#accepted = true;
      socket.#state = OPEN;
      dispatchTrusted(socket, new Event("open"));
      socket.#deliver();
    };
    takePairPeer = (socket) => {
      const peer = socket.#peer;
      socket.#release();
      if (peer === null) {
        throw new TypeError("Can't return WebSocket that was already used in a response.");
      }
      return peer;
    };
    deliverMessage = (socket, data) => {
      socket.#receive({
        kind: "message",
        data: typeof data === "string" ? data : new Uint8Array(data),
      });
    };
    deliverClose = (socket, code, reason, wasClean) => {
      socket.#receive({ kind: "close", code, reason, wasClean });
    };
    deliverError = (socket, message) => {
      // A client that never opened hears of it, too.
      if (socket.#client && !socket.#accepted) socket.#accepted = true;
      socket.#receive({ kind: "error", message });
    };
  }
}
defineHandlers(WebSocket, ["open", "message", "close", "error"]);
defineInterface(WebSocket, "WebSocket");
defineConstants(WebSocket, {
  READY_STATE_CONNECTING: CONNECTING,
  CONNECTING,
  READY_STATE_OPEN: OPEN,
  OPEN,
  READY_STATE_CLOSING: CLOSING,
  CLOSING,
  READY_STATE_CLOSED: CLOSED,
  CLOSED,
});

function notAccepted(): TypeError {
  return new TypeError(
    "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending " +
      "messages.",
  );
}

function wholeBuffer(bytes: Uint8Array): ArrayBufferLike {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

/** Two connected WebSockets, as members 0 and 1. */
export class WebSocketPair {
  declare 0: WebSocket;
  declare 1: WebSocket;
  constructor() {
    const [first, second] = makePair();
    this[0] = first;
    this[1] = second;
  }
  [Symbol.iterator](): Iterator<WebSocket> {
    return [this[0], this[1]][Symbol.iterator]();
  }
}
defineInterface(WebSocketPair, "WebSocketPair");
