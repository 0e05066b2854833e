// MessageChannel: messages between two ports of one isolate, each a structured clone.
// https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels
import { defineHandlers, dispatchTrusted, Event, EventTarget, MessageEvent } from "./event.ts";
import { structuredClone } from "./structured_clone.ts";
import { defineInterface } from "./webidl.ts";

const internal = Symbol();
let join: (a: MessagePort, b: MessagePort) => void;

export class MessagePort extends EventTarget {
  #other: MessagePort | null = null;
  #started = false;
  #closed = false;
  #waiting: Event[] = [];

  constructor(pass: symbol) {
    if (pass !== internal) throw new TypeError("Illegal constructor");
    super();
  }

  postMessage(message: unknown, options: unknown[] | { transfer?: unknown[] } | undefined = undefined): void {
    const transfer = Array.isArray(options) ? options : options?.transfer;
    const data = structuredClone(message, transfer === undefined ? undefined : { transfer });
    const to = this.#other;
    if (to === null || to.#closed) return;
    to.#waiting.push(new MessageEvent("message", { data, ports: [] }));
    to.#deliverSoon();
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#deliverSoon();
  }

  close(): void {
    const other = this.#other;
    if (this.#closed || other === null) return;
    this.#closed = true;
    this.#waiting = [];
    this.#other = null;
    // What was sent before still arrives.
    queueMicrotask(() => other.#end());
  }

  get onmessage(): unknown {
    return readHandler.call(this);
  }
  set onmessage(handler: unknown) {
    writeHandler.call(this, handler);
    this.start();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#other = null;
    dispatchTrusted(this, new Event("close"));
  }

  #deliverSoon(): void {
    if (!this.#started || this.#waiting.length === 0) return;
    queueMicrotask(() => {
      const event = this.#waiting.shift();
      if (event !== undefined) dispatchTrusted(this, event);
    });
  }

  static {
    join = (a, b) => {
      a.#other = b;
      b.#other = a;
    };
  }
}
// The attribute as others have it, below the one that also starts the port.
class Handlers extends EventTarget {}
defineHandlers(Handlers, ["message"]);
const handler = Object.getOwnPropertyDescriptor(Handlers.prototype, "onmessage")!;
const readHandler = handler.get!;
const writeHandler = handler.set!;
defineHandlers(MessagePort, ["messageerror", "close"]);
defineInterface(MessagePort, "MessagePort");

export class MessageChannel {
  readonly #ports = [new MessagePort(internal), new MessagePort(internal)] as const;

  constructor() {
    join(...this.#ports);
  }

  get port1(): MessagePort {
    return this.#ports[0];
  }
  get port2(): MessagePort {
    return this.#ports[1];
  }
}
defineInterface(MessageChannel, "MessageChannel");
