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

const { attachmentRead, attachmentWrite, encodeUtf8 } = natives;

/** The way to the other side of an end that is connected to the network. */
export interface Transport {
  /** `storage`: see SocketOwner.storage(). */
  send(data: string | Uint8Array, storage: number): void;
  /** Code 1005: a close frame without a code. */
  close(code: number, reason: string, storage: number): void;
  /** The socket that it carries belongs to `owner` from now on. */
  own(owner: SocketOwner, socket: WebSocket): void;
  attach(attachment: Uint8Array): void;
  /** Whether messages are wanted now. */
  setReading(reading: boolean): void;
}

/** The Durable Object that a socket belongs to, if any. */
export interface SocketOwner {
  /** The storage whose writes must be durable before a socket sends; -1: there is none. */
  storage(): number;
  /** The same as a promise; undefined when there is nothing to wait for. */
  barrier(): Promise<void> | undefined;
  /** An event that the native side has begun for the life `invocation`: true when the object can
   * take it at once. Then finishNow() follows; else run() has to be used. */
  startNow(invocation: number): boolean;
  finishNow(result: unknown): void;
  /** Runs a socket's event when its turn comes. */
  run(event: () => unknown): void;
  /** An accepted socket keeps the object awake until it is closed. */
  opened(): void;
  closed(): void;
  /** Events of hibernatable sockets. */
  message(socket: WebSocket, data: string | ArrayBufferLike): unknown;
  close(socket: WebSocket, code: number, reason: string, wasClean: boolean): unknown;
  error(socket: WebSocket, error: Error): unknown;
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
const disconnected = "WebSocket disconnected without sending Close frame.";

/** Connects `new WebSocket(url)`; set by the dispatcher. */
let connect: ((socket: WebSocket, url: string, protocols: string[]) => void) | undefined;
export function setWebSocketConnector(
  connector: (socket: WebSocket, url: string, protocols: string[]) => void,
): void {
  connect = connector;
}

/** The object whose code runs, if any; set by the dispatcher. */
let currentOwner: () => SocketOwner | null = () => null;
export function setSocketOwnerSource(source: () => SocketOwner | null): void {
  currentOwner = source;
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
/** What came over the transport, as an event of the life `invocation`. */
export let deliverMessage: (
  socket: WebSocket,
  data: string | ArrayBuffer,
  invocation: number,
) => void;
/** A close frame (code 1005: without a code); or 1006, not clean: the connection is gone. */
export let deliverClose: (
  socket: WebSocket,
  code: number,
  reason: string,
  wasClean: boolean,
) => void;
/** The connection failed: an "error" event. */
export let deliverError: (socket: WebSocket, message: string) => void;
/** `new WebSocket()` got no connection. */
export let failWebSocket: (socket: WebSocket, message: string) => void;

// For hibernation.
/** Gives an end of a pair to an object, which gets its events. The caller has checked that it may. */
export let acceptHibernatable: (socket: WebSocket, owner: SocketOwner) => void;
/** An accepted socket whose object was out of memory. */
export let reviveWebSocket: (
  owner: SocketOwner,
  transport: Transport,
  attachment: Uint8Array | undefined,
  closed: boolean,
) => WebSocket;
export let isAccepted: (socket: WebSocket) => boolean;
export let isHibernatable: (socket: WebSocket) => boolean;
export let isHalfOpen: (socket: WebSocket) => boolean;
/** Went away with a response. */
export let isReleased: (socket: WebSocket) => boolean;
/** Its other end is in the isolate, neither accepted nor used in a response. */
export let isPeerFree: (socket: WebSocket) => boolean;
export let attachmentOf: (socket: WebSocket) => Uint8Array | undefined;
/** Answers the other side's close in kind, unless the socket is closed already. */
export let answerClose: (socket: WebSocket, code: number, reason: string) => void;

const largestAttachment = 16 << 10;
/** What waits to be delivered: beyond, the other side is not read. */
const mostQueued = 1 << 20;
const perMessage = 64;

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
  /** The connection is gone: what is sent is lost. */
  #aborted = false;
  #owner: SocketOwner | null = null;
  #hibernatable = false;
  #attachment: Uint8Array | undefined = undefined;
  /** What was sent to a peer in the isolate and waits for the owner's writes. */
  #held: Promise<void> | null = null;
  #peer: WebSocket | null = null;
  #transport: Transport | null = null;
  /** Received and not delivered yet. */
  #incoming: Incoming[] = [];
  #delivering = false;
  /** Characters or bytes of it. */
  #incomingSize = 0;
  #paused = false;

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
      if (list.indexOf(protocol) !== list.lastIndexOf(protocol)) {
        throw new DOMException(
          "WebSocket Constructor: The protocols header cannot have repeating values.",
          "SyntaxError",
        );
      }
      if (!isToken(protocol)) {
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
    this.#owner = currentOwner();
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
    if (this.#hibernatable) {
      throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
    }
    if (this.#accepted) return;
    this.#halfOpen = !!options?.allowHalfOpen;
    this.#accept();
  }

  #accept(): void {
    this.#accepted = true;
    const owner = currentOwner();
    if (owner !== null) {
      this.#owner = owner;
      owner.opened();
      this.#transport?.own(owner, this);
    }
    this.#transport?.setReading(true);
    this.#deliver();
  }

  send(message: unknown): void {
    if (arguments.length === 0) {
      throw badArgument("send", "WebSocket", 1, "ArrayBuffer or ArrayBufferView or string");
    }
    if (this.#closeSent) throw new TypeError("Can't call WebSocket send() after close().");
    if (this.#aborted || this.#released) return;
    if (!this.#accepted) throw notAccepted();
    if (typeof message === "string") {
      // Lone surrogates are replaced where it becomes UTF-8.
      if (this.#transport !== null && this.#held === null) {
        this.#transport.send(message, this.#owner === null ? -1 : this.#owner.storage());
      } else {
        this.#sendToPeer(message.toWellFormed());
      }
      return;
    }
    const bytes = bytesOfSource(message);
    if (bytes === undefined) this.send(`${message as string}`);
    else if (this.#transport !== null && this.#held === null) {
      this.#transport.send(bytes, this.#owner === null ? -1 : this.#owner.storage());
    } else {
      // A copy: the script may write to its buffer before the other side has read.
      this.#sendToPeer(bytes.slice());
    }
  }

  /** Keeps a structured clone of `value` (at most 16 KiB) that outlives the object's memory. */
  serializeAttachment(value: unknown): void {
    if (arguments.length === 0) throw badArgument("serializeAttachment", "WebSocket", 1, "JsValue");
    const bytes = attachmentWrite(value);
    if (bytes.length > largestAttachment) {
      throw new Error(
        `A WebSocket 'attachment' cannot be larger than ${largestAttachment} bytes.'attachment' was ${bytes.length} bytes.`,
      );
    }
    this.#attachment = bytes;
    if (this.#hibernatable) this.#transport?.attach(bytes);
  }

  deserializeAttachment(): unknown {
    return this.#attachment === undefined ? null : attachmentRead(this.#attachment);
  }

  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
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
    if (this.#closeSent || this.#aborted || this.#released || this.#state === CLOSED) return;
    if (!this.#accepted && !this.#client) throw notAccepted();
    this.#sendClose(code ?? noStatus, reason ?? "");
  }

  #sendToPeer(data: string | Uint8Array): void {
    this.#tellPeer({ kind: "message", data });
  }

  /** In order, and after the owner's writes. */
  #tellPeer(incoming: Incoming): void {
    const barrier = this.#owner === null ? undefined : this.#owner.barrier();
    if (barrier === undefined && this.#held === null) {
      this.#pass(incoming);
      return;
    }
    const lost: Incoming = { kind: "close", code: 1006, reason: disconnected, wasClean: false };
    const held = (this.#held ?? barrier!)
      .then(() => barrier)
      .then(
        () => this.#pass(incoming),
        () => this.#pass(lost),
      )
      .then(() => {
        if (this.#held === held) this.#held = null;
      });
    this.#held = held;
  }

  #pass(incoming: Incoming): void {
    const peer = this.#peer;
    if (peer !== null) peer.#receive(incoming);
    else if (this.#transport !== null) {
      // It was handed on meanwhile.
      if (incoming.kind === "message") this.#transport.send(incoming.data, -1);
      else if (incoming.kind === "close") this.#transport.close(incoming.code, incoming.reason, -1);
    }
  }

  #sendClose(code: number, reason: string): void {
    this.#closeSent = true;
    this.#state = this.#closeReceived ? CLOSED : CLOSING;
    if (this.#transport !== null && this.#held === null) {
      this.#transport.close(code, reason, this.#owner === null ? -1 : this.#owner.storage());
    } else {
      this.#tellPeer({ kind: "close", code, reason, wasClean: true });
    }
    if (this.#closeReceived) this.#disown();
  }

  #disown(): void {
    if (this.#owner !== null && this.#accepted && !this.#hibernatable) this.#owner.closed();
    if (!this.#hibernatable) this.#owner = null;
  }

  #receive(incoming: Incoming): void {
    this.#incoming.push(incoming);
    if (incoming.kind === "message") {
      this.#incomingSize += incoming.data.length + perMessage;
      if (this.#incomingSize > mostQueued && !this.#paused && this.#transport !== null) {
        this.#paused = true;
        this.#transport.setReading(false);
      }
    }
    this.#deliver();
  }

  #take(): Incoming | undefined {
    const incoming = this.#incoming.shift();
    if (incoming?.kind === "message") this.#incomingSize -= incoming.data.length + perMessage;
    if (this.#paused && this.#incomingSize <= mostQueued) {
      this.#paused = false;
      this.#transport?.setReading(true);
    }
    return incoming;
  }

  /** Never from within send() of the other end: as an event of the owner, or in a microtask. */
  #deliver(): void {
    if (!this.#accepted || this.#delivering || this.#incoming.length === 0) return;
    this.#delivering = true;
    const next = () => {
      this.#delivering = false;
      const incoming = this.#take();
      if (incoming === undefined) return;
      const result = this.#dispatch(incoming);
      this.#deliver();
      return result;
    };
    if (this.#owner !== null) this.#owner.run(next);
    else enqueueMicrotask(next);
  }

  #dispatch(incoming: Incoming): unknown {
    switch (incoming.kind) {
      case "message":
        return this.#closeReceived ? undefined : this.#dispatchMessage(incoming.data);
      case "close":
        return this.#dispatchClose(incoming.code, incoming.reason, incoming.wasClean);
      case "error":
        return this.#dispatchError(incoming.message);
    }
  }

  #dispatchMessage(data: string | Uint8Array | ArrayBuffer): unknown {
    if (this.#hibernatable) {
      return this.#owner!.message(this, data instanceof Uint8Array ? wholeBuffer(data) : data);
    }
    const shown =
      typeof data === "string"
        ? data
        : this.#binaryType === "blob"
          ? forms.load().blobOf(data instanceof Uint8Array ? data : new Uint8Array(data), "")
          : data instanceof Uint8Array
            ? wholeBuffer(data)
            : data;
    dispatchTrusted(this, new MessageEvent("message", { data: shown }));
    return undefined;
  }

  #dispatchClose(code: number, reason: string, wasClean: boolean): unknown {
    if (this.#closeReceived) {
      if (wasClean || this.#closeSent) return undefined;
      // It was left half open for too long.
      this.#aborted = true;
      this.#state = CLOSED;
      this.#disown();
      return undefined;
    }
    this.#closeReceived = true;
    if (!wasClean) this.#aborted = true;
    if (this.#hibernatable) {
      this.#state = this.#closeSent ? CLOSED : CLOSING;
      return this.#owner!.close(this, code, reason, wasClean);
    }
    if (wasClean) {
      if (!this.#closeSent && !this.#halfOpen) this.#sendClose(code, reason);
      else if (this.#closeSent) this.#disown();
      this.#state = this.#closeSent ? CLOSED : CLOSING;
    }
    dispatchTrusted(this, new CloseEvent("close", { code, reason, wasClean }));
    if (!wasClean) {
      // As on Workers, the event still sees the state before.
      this.#state = CLOSED;
      this.#disown();
    }
    return undefined;
  }

  #dispatchError(message: string): unknown {
    if (this.#closeReceived) return undefined;
    this.#closeReceived = true;
    this.#aborted = true;
    this.#state = CLOSED;
    const error = new Error(message);
    if (this.#hibernatable) return this.#owner!.error(this, error);
    this.#disown();
    dispatchTrusted(this, new ErrorEvent("error", { error, message }));
    return undefined;
  }

  #release(): void {
    if (this.#released) {
      throw new TypeError("Can't return WebSocket that was already used in a response.");
    }
    if (this.#hibernatable) {
      throw new TypeError("Can't return WebSocket in a Response after calling acceptWebSocket().");
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
      if (socket.#owner !== null) transport.own(socket.#owner, socket);
      const peer = socket.#peer;
      if (peer === null) return;
      socket.#peer = null;
      peer.#peer = null;
      const storage = socket.#owner === null ? -1 : socket.#owner.storage();
      for (const sent of peer.#incoming.splice(0)) {
        if (sent.kind === "message") transport.send(sent.data, storage);
        else if (sent.kind === "close") transport.close(sent.code, sent.reason, storage);
      }
    };
    openWebSocket = (socket, protocol, extensions) => {
      if (socket.#state !== CONNECTING) return;
      socket.#protocol = protocol;
      socket.#extensions = extensions;
      socket.#state = OPEN;
      socket.#accepted = true;
      if (socket.#owner !== null) socket.#owner.opened();
      socket.#transport?.setReading(true);
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
    deliverMessage = (socket, data, invocation) => {
      const owner = socket.#owner;
      if (!socket.#accepted || socket.#delivering || socket.#incoming.length > 0) {
        // Behind what waits already.
      } else if (owner === null) {
        if (!socket.#closeReceived) socket.#dispatchMessage(data);
        return;
      } else if (owner.startNow(invocation)) {
        owner.finishNow(socket.#closeReceived ? undefined : socket.#dispatchMessage(data));
        return;
      }
      socket.#receive({
        kind: "message",
        data: typeof data === "string" ? data : new Uint8Array(data),
      });
    };
    deliverClose = (socket, code, reason, wasClean) => {
      socket.#receive({ kind: "close", code, reason, wasClean });
    };
    deliverError = (socket, message) => {
      socket.#receive({ kind: "error", message });
    };
    failWebSocket = (socket, message) => {
      socket.#accepted = true;
      socket.#closeReceived = true;
      socket.#aborted = true;
      socket.#state = CLOSED;
      const error = new Error(message);
      dispatchTrusted(socket, new ErrorEvent("error", { error, message }));
      dispatchTrusted(
        socket,
        new CloseEvent("close", {
          code: 1006,
          reason: "Failed to establish websocket connection",
          wasClean: false,
        }),
      );
    };
    acceptHibernatable = (socket, owner) => {
      socket.#accepted = true;
      socket.#hibernatable = true;
      socket.#owner = owner;
      socket.#transport?.own(owner, socket);
      socket.#deliver();
    };
    reviveWebSocket = (owner, transport, attachment, closed) => {
      const socket = new WebSocket(internal);
      socket.#accepted = true;
      socket.#hibernatable = true;
      socket.#owner = owner;
      socket.#transport = transport;
      socket.#attachment = attachment;
      socket.#closeSent = closed;
      if (closed) socket.#state = CLOSING;
      return socket;
    };
    isAccepted = (socket) => socket.#accepted;
    isHibernatable = (socket) => socket.#hibernatable;
    isHalfOpen = (socket) => socket.#halfOpen;
    isReleased = (socket) => socket.#released;
    isPeerFree = (socket) =>
      socket.#peer !== null && !socket.#peer.#accepted && !socket.#peer.#released;
    attachmentOf = (socket) => socket.#attachment;
    answerClose = (socket, code, reason) => {
      if (!socket.#closeSent && !socket.#aborted) socket.#sendClose(code, reason);
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
