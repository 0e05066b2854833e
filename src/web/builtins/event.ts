// Event, EventTarget and the events of the platform.
// https://dom.spec.whatwg.org/#events
import { DOMException } from "./dom_exception.ts";
import { natives } from "./natives.ts";
import {
  badArgument,
  badConstructorArgument,
  defineConstants,
  defineInterface,
  isObject,
} from "./webidl.ts";

const { reportException } = natives;

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

// Access to private state for this module.
let setTarget: (event: Event, target: EventTarget | null, phase: number) => void;
let isDispatched: (event: Event) => boolean;
let isStopped: (event: Event) => boolean;
let setInPassive: (event: Event, passive: boolean) => void;
let markTrusted: (event: Event) => void;

export class Event {
  #type: string;
  #bubbles = false;
  #cancelable = false;
  #composed = false;
  #target: EventTarget | null = null;
  #current: EventTarget | null = null;
  #phase = 0;
  #canceled = false;
  #stopped = false;
  #stoppedAtOnce = false;
  #dispatched = false;
  #passive = false;
  #trusted = false;

  constructor(type: unknown, init: EventInit | undefined = undefined) {
    if (arguments.length === 0) throw badConstructorArgument("Event", 1, "string");
    this.#type = typeof type === "string" ? type : `${type as string}`;
    if (init !== undefined && init !== null) {
      if (!isObject(init)) throw badConstructorArgument("Event", 2, "EventInit");
      this.#bubbles = !!init.bubbles;
      this.#cancelable = !!init.cancelable;
      this.#composed = !!init.composed;
    }
  }

  get type(): string {
    return this.#type;
  }
  get target(): EventTarget | null {
    return this.#target;
  }
  get srcElement(): EventTarget | null {
    return this.#target;
  }
  get currentTarget(): EventTarget | null {
    return this.#current;
  }
  get eventPhase(): number {
    return this.#phase;
  }
  get bubbles(): boolean {
    return this.#bubbles;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get composed(): boolean {
    return this.#composed;
  }
  get defaultPrevented(): boolean {
    return this.#canceled;
  }
  get returnValue(): boolean {
    return !this.#canceled;
  }
  set returnValue(value: boolean) {
    if (!value) this.preventDefault();
  }
  get isTrusted(): boolean {
    return this.#trusted;
  }
  /** Always 0, as on Workers. */
  get timeStamp(): number {
    return 0;
  }
  get cancelBubble(): boolean {
    return this.#stopped;
  }
  set cancelBubble(value: boolean) {
    if (value) this.#stopped = true;
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#passive) this.#canceled = true;
  }
  stopPropagation(): void {
    this.#stopped = true;
  }
  stopImmediatePropagation(): void {
    this.#stopped = true;
    this.#stoppedAtOnce = true;
  }
  composedPath(): EventTarget[] {
    return this.#current === null ? [] : [this.#current];
  }

  static {
    setTarget = (event, target, phase) => {
      if (target !== null) event.#target = target;
      event.#current = target;
      event.#phase = phase;
      event.#dispatched = target !== null;
      if (target === null) {
        event.#stopped = false;
        event.#stoppedAtOnce = false;
      }
    };
    isDispatched = (event) => event.#dispatched;
    isStopped = (event) => event.#stoppedAtOnce;
    setInPassive = (event, passive) => {
      event.#passive = passive;
    };
    markTrusted = (event) => {
      event.#trusted = true;
    };
  }
}
defineInterface(Event, "Event");
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

interface Listener {
  callback: ((event: Event) => unknown) | { handleEvent?(event: Event): unknown };
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
  /** The value of an `on...` attribute: its place in the order is kept when it changes. */
  attribute: boolean;
}

type ListenerMap = Map<string, Listener[]>;

interface AddOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: SignalLike;
}

/** What abort.ts brings along; declared here to keep the modules free of a cycle. */
interface SignalLike {
  readonly aborted: boolean;
}
let onSignalAbort: (signal: SignalLike, algorithm: () => void) => void;
let onListenerAdded: (target: EventTarget) => void;
export function connectSignals(
  isSignal: (value: unknown) => boolean,
  add: (signal: any, algorithm: () => void) => void,
  listenerAdded: (target: EventTarget) => void,
): void {
  onListenerAdded = listenerAdded;
  onSignalAbort = (signal, algorithm) => {
    if (!isSignal(signal)) throw badArgument("addEventListener", "EventTarget", 3, "AbortSignal");
    add(signal, algorithm);
  };
}

let listenersOf: (target: EventTarget) => ListenerMap | null;
let dispatchTo: (target: EventTarget, event: Event, self: object) => boolean;
let getAttribute: (target: EventTarget, type: string) => unknown;
let setAttribute: (target: EventTarget, type: string, value: unknown) => void;

export class EventTarget {
  #listeners: ListenerMap | null = null;

  addEventListener(
    type: string,
    callback: Listener["callback"] | null,
    options: AddOptions | boolean | undefined = undefined,
  ): void {
    const target = orGlobal(this);
    if (arguments.length < 2) throw badArgument("addEventListener", "EventTarget", 2, "object");
    type = `${type}`;
    let capture = false;
    let once = false;
    let passive = false;
    let signal: SignalLike | undefined;
    if (typeof options === "boolean") {
      capture = options;
    } else if (options !== undefined && options !== null) {
      capture = !!options.capture;
      once = !!options.once;
      passive = !!options.passive;
      signal = options.signal;
    }
    if (callback === null || callback === undefined) return;
    if (!isObject(callback)) throw badArgument("addEventListener", "EventTarget", 2, "EventListener");
    if (signal !== undefined && signal.aborted) return;
    const map = (target.#listeners ??= new Map());
    let list = map.get(type);
    if (list === undefined) map.set(type, (list = []));
    for (const other of list) {
      if (other.callback === callback && other.capture === capture && !other.attribute) return;
    }
    const listener = { callback, capture, once, passive, removed: false, attribute: false };
    list.push(listener);
    onListenerAdded(target);
    if (signal !== undefined) {
      onSignalAbort(signal, () => target.#remove(type, listener));
    }
  }

  removeEventListener(
    type: string,
    callback: Listener["callback"] | null,
    options: AddOptions | boolean | undefined = undefined,
  ): void {
    const target = orGlobal(this);
    const capture = typeof options === "boolean" ? options : !!options?.capture;
    const list = target.#listeners?.get(`${type}`);
    if (list === undefined) return;
    for (const listener of list) {
      if (listener.callback === callback && listener.capture === capture && !listener.attribute) {
        target.#remove(type, listener);
        return;
      }
    }
  }

  dispatchEvent(event: Event): boolean {
    const target = orGlobal(this);
    if (!(event instanceof Event)) throw badArgument("dispatchEvent", "EventTarget", 1, "Event");
    if (isDispatched(event)) {
      throw new DOMException("The event is already being dispatched.", "InvalidStateError");
    }
    return dispatchTo(target, event, target === globalTarget ? globalThis : target);
  }

  #remove(type: string, listener: Listener): void {
    listener.removed = true;
    const list = this.#listeners?.get(type);
    if (list === undefined) return;
    // A copy: a dispatch may be walking the old list.
    const rest = list.filter((other) => other !== listener);
    if (rest.length === 0) this.#listeners!.delete(type);
    else this.#listeners!.set(type, rest);
  }

  static {
    listenersOf = (target) => target.#listeners;
    dispatchTo = (target, event, self) => {
      const list = target.#listeners?.get(event.type);
      setTarget(event, self as EventTarget, 2);
      if (list !== undefined) {
        // Those added meanwhile are not called.
        const count = list.length;
        for (let i = 0; i < count; i++) {
          const listener = list[i]!;
          if (listener.removed) continue;
          if (listener.once) target.#remove(event.type, listener);
          if (listener.passive) setInPassive(event, true);
          try {
            const { callback } = listener;
            if (typeof callback === "function") {
              callback.call(self as EventTarget, event);
            } else {
              const handle = callback.handleEvent;
              if (typeof handle !== "function") {
                throw new TypeError("The event listener has no handleEvent() method.");
              }
              handle.call(callback, event);
            }
          } catch (error) {
            reportUncaught(error);
          }
          if (listener.passive) setInPassive(event, false);
          if (isStopped(event)) break;
        }
      }
      setTarget(event, null, 0);
      return !event.defaultPrevented;
    };
    getAttribute = (target, type) => {
      const found = target.#listeners?.get(type)?.find((listener) => listener.attribute);
      return found === undefined ? null : (found as unknown as AttributeListener).value;
    };
    setAttribute = (target, type, value) => {
      const list = target.#listeners?.get(type);
      const found = list?.find((listener) => listener.attribute);
      if (!isObject(value)) {
        if (found !== undefined) target.#remove(type, found);
        return;
      }
      if (found !== undefined) {
        (found as unknown as AttributeListener).value = value;
        return;
      }
      const listener: AttributeListener = {
        callback: function (this: unknown, event: Event) {
          const handler = listener.value;
          if (typeof handler === "function") return handler.call(this, event);
        },
        capture: false,
        once: false,
        passive: false,
        removed: false,
        attribute: true,
        value,
      };
      const map = (target.#listeners ??= new Map());
      map.set(type, [...(list ?? []), listener]);
      onListenerAdded(target);
    };
  }
}
defineInterface(EventTarget, "EventTarget");

interface AttributeListener extends Listener {
  value: unknown;
}
/** Defines the event handler attributes `on<type>` on a class. */
export function defineHandlers(constructor: { prototype: EventTarget }, types: string[]): void {
  for (const type of types) {
    const accessors = {
      get [`on${type}`](): unknown {
        return getAttribute(this as unknown as EventTarget, type);
      },
      set [`on${type}`](value: unknown) {
        setAttribute(this as unknown as EventTarget, type, value);
      },
    };
    Object.defineProperty(
      constructor.prototype,
      `on${type}`,
      Object.getOwnPropertyDescriptor(accessors, `on${type}`)!,
    );
  }
}

/** The listeners of the global scope: addEventListener("fetch", ...) and the like. */
export const globalTarget = new EventTarget();

function orGlobal(target: EventTarget | undefined): EventTarget {
  // Called as a plain function, or as self.addEventListener().
  return target === undefined || target === (globalThis as unknown) ? globalTarget : target;
}

export function hasGlobalListener(type: string): boolean {
  return listenersOf(globalTarget)?.has(type) ?? false;
}

export function hasListener(target: EventTarget, type: string): boolean {
  return listenersOf(target)?.has(type) ?? false;
}

/** Dispatches an event of the platform's own. False when a listener canceled it. */
export function dispatchTrusted(target: EventTarget, event: Event): boolean {
  markTrusted(event);
  return dispatchTo(target, event, target === globalTarget ? globalThis : target);
}

let uncaught = 0;
/** How many exceptions of listeners nobody has caught so far. */
export function uncaughtSoFar(): number {
  return uncaught;
}

let reporting = false;
/** An exception nobody caught: an "error" event for the global scope, else a line in the log. */
export function reportUncaught(error: unknown): void {
  ++uncaught;
  if (hasGlobalListener("error") && !reporting) {
    reporting = true;
    try {
      const message = error instanceof Error ? `Uncaught ${error}` : `Uncaught ${String(error)}`;
      const event = new ErrorEvent("error", { cancelable: true, error, message });
      if (!dispatchTrusted(globalTarget, event)) return;
    } finally {
      reporting = false;
    }
  }
  reportException(error);
}

/** A promise was rejected and nobody listens. True when a listener called preventDefault(). */
export function fireUnhandledRejection(promise: Promise<unknown>, reason: unknown): boolean {
  if (!hasGlobalListener("unhandledrejection")) return false;
  return !dispatchTrusted(
    globalTarget,
    new PromiseRejectionEvent("unhandledrejection", { cancelable: true, promise, reason }),
  );
}

export class CustomEvent extends Event {
  #detail: unknown;
  constructor(type: string, init: (EventInit & { detail?: unknown }) | undefined = undefined) {
    super(type, init);
    this.#detail = init?.detail ?? null;
  }
  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(CustomEvent, "CustomEvent");

interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

export class ErrorEvent extends Event {
  #message: string;
  #filename: string;
  #lineno: number;
  #colno: number;
  #error: unknown;
  constructor(type: string, init: ErrorEventInit | undefined = undefined) {
    super(type, init);
    this.#message = `${init?.message ?? ""}`;
    this.#filename = `${init?.filename ?? ""}`;
    this.#lineno = Number(init?.lineno ?? 0) >>> 0;
    this.#colno = Number(init?.colno ?? 0) >>> 0;
    this.#error = init?.error;
  }
  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
}
defineInterface(ErrorEvent, "ErrorEvent");

interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: unknown;
  ports?: unknown[];
}

export class MessageEvent extends Event {
  #data: unknown;
  #origin: string | null;
  #lastEventId: string;
  #source: unknown;
  #ports: readonly unknown[];
  constructor(type: string, init: MessageEventInit | undefined = undefined) {
    super(type, init);
    this.#data = init?.data === undefined ? null : init.data;
    this.#origin = init?.origin === undefined ? null : `${init.origin}`;
    this.#lastEventId = `${init?.lastEventId ?? ""}`;
    this.#source = init?.source ?? null;
    this.#ports = init?.ports === undefined ? [] : [...init.ports];
  }
  get data(): unknown {
    return this.#data;
  }
  get origin(): string | null {
    return this.#origin;
  }
  get lastEventId(): string {
    return this.#lastEventId;
  }
  get source(): unknown {
    return this.#source;
  }
  get ports(): readonly unknown[] {
    return this.#ports;
  }
}
defineInterface(MessageEvent, "MessageEvent");

interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

export class CloseEvent extends Event {
  #wasClean: boolean;
  #code: number;
  #reason: string;
  constructor(type: string, init: CloseEventInit | undefined = undefined) {
    super(type, init);
    this.#wasClean = !!init?.wasClean;
    this.#code = Number(init?.code ?? 0) & 0xffff;
    this.#reason = `${init?.reason ?? ""}`.toWellFormed();
  }
  get code(): number {
    return this.#code;
  }
  get reason(): string {
    return this.#reason;
  }
  get wasClean(): boolean {
    return this.#wasClean;
  }
}
defineInterface(CloseEvent, "CloseEvent");

interface PromiseRejectionEventInit extends EventInit {
  promise: Promise<unknown>;
  reason?: unknown;
}

export class PromiseRejectionEvent extends Event {
  #promise: Promise<unknown>;
  #reason: unknown;
  constructor(type: string, init: PromiseRejectionEventInit) {
    super(type, init);
    if (!isObject(init) || !("promise" in init)) {
      throw badConstructorArgument("PromiseRejectionEvent", 2, "PromiseRejectionEventInit");
    }
    this.#promise = init.promise;
    this.#reason = init.reason;
  }
  get promise(): Promise<unknown> {
    return this.#promise;
  }
  get reason(): unknown {
    return this.#reason;
  }
}
defineInterface(PromiseRejectionEvent, "PromiseRejectionEvent");
