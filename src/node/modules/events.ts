// EventEmitter and what stands around it.
// https://nodejs.org/api/events.html
import { currentFrame, runInFrame, useFrames } from "../../web/builtins/async_context.ts";
import { inspection } from "../../web/builtins/groups.ts";
import { abortError, checkFunction, invalidArgType, nodeError, outOfRange } from "../errors.ts";

type Name = string | symbol;
type Listener = ((...args: any[]) => any) & { listener?: Listener };
/** A single listener, or the list of several; a list is never changed while it is walked. */
type Slot = Listener | Listener[];

interface Emitter {
  _events: Record<Name, Slot> | undefined;
  _eventsCount: number;
  _maxListeners: number | undefined;
  [kCapture]?: boolean;
  [rejection]?: (error: unknown, name: Name, ...args: unknown[]) => void;
  emit(name: Name, ...args: unknown[]): boolean;
  on(name: Name, listener: Listener): Emitter;
  removeListener(name: Name, listener: Listener): Emitter;
}

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
const rejection: typeof captureRejectionSymbol = captureRejectionSymbol;
const kCapture = Symbol("kCapture");
let maxListeners = 10;
let captureByDefault = false;

// A function and not a class: programs call it on objects of their own, as util.inherits wants.
export function EventEmitter(this: Emitter, options?: { captureRejections?: boolean }): void {
  EventEmitter.init.call(this, options);
}

EventEmitter.init = function init(this: Emitter, options?: { captureRejections?: boolean }): void {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null) as Record<Name, Slot>;
    this._eventsCount = 0;
  }
  this._maxListeners ??= undefined;
  if (options?.captureRejections !== undefined) {
    if (typeof options.captureRejections !== "boolean") {
      throw invalidArgType("options.captureRejections", "boolean", options.captureRejections);
    }
    this[kCapture] = options.captureRejections;
  } else {
    this[kCapture] = captureByDefault;
  }
};

function slotsOf(emitter: Emitter): Record<Name, Slot> {
  if (emitter._events === undefined) {
    emitter._events = Object.create(null) as Record<Name, Slot>;
    emitter._eventsCount = 0;
  }
  return emitter._events;
}

function limitOf(emitter: Emitter): number {
  return emitter._maxListeners ?? maxListeners;
}

function add(emitter: Emitter, name: Name, listener: Listener, first: boolean): Emitter {
  checkFunction(listener, "listener");
  const slots = slotsOf(emitter);
  if (slots.newListener !== undefined) emitter.emit("newListener", name, listener.listener ?? listener);
  const slot = slots[name];
  if (slot === undefined) {
    slots[name] = listener;
    ++emitter._eventsCount;
    return emitter;
  }
  const list: Listener[] & { warned?: boolean } =
    typeof slot === "function" ? [slot] : slot.slice();
  if (first) list.unshift(listener);
  else list.push(listener);
  list.warned = (slot as { warned?: boolean }).warned === true;
  const limit = limitOf(emitter);
  if (limit > 0 && list.length > limit && !list.warned) {
    list.warned = true;
    console.warn(
      `MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ${list.length} ${String(name)} ` +
        `listeners added to ${inspection.load().inspect(emitter, { depth: -1 })}. MaxListeners is ${limit}. Use emitter.setMaxListeners() to increase limit`,
    );
  }
  slots[name] = list;
  return emitter;
}

function wrapOnce(emitter: Emitter, name: Name, listener: Listener): Listener {
  checkFunction(listener, "listener");
  let fired = false;
  const wrapper: Listener = function (...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapper);
    return listener.apply(emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function callListener(emitter: Emitter, listener: Listener, name: Name, args: unknown[]): void {
  const result: unknown = listener.apply(emitter, args);
  if (emitter[kCapture] !== true || result === undefined || result === null) return;
  const then = (result as { then?: unknown }).then;
  if (typeof then !== "function") return;
  then.call(result, undefined, (error: unknown) => {
    queueMicrotask(() => {
      if (typeof emitter[rejection] === "function") {
        emitter[rejection](error, name, ...args);
        return;
      }
      // Not captured a second time, or it would never end.
      emitter[kCapture] = false;
      try {
        emitter.emit("error", error);
      } finally {
        emitter[kCapture] = true;
      }
    });
  });
}

function throwUnhandled(error: unknown): never {
  if (error instanceof Error) throw error;
  let text: string;
  try {
    text = inspection.load().inspect(error);
  } catch {
    text = String(error);
  }
  throw nodeError(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${text})`, { context: error });
}

const methods = {
  emit(this: Emitter, name: Name, ...args: unknown[]): boolean {
    const slots = this._events;
    if (name === "error") {
      if (slots?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
      if (slots?.error === undefined) throwUnhandled(args[0]);
    }
    const slot = slots?.[name];
    if (slot === undefined) return false;
    if (typeof slot === "function") {
      callListener(this, slot, name, args);
    } else {
      // Adding and removing make new lists.
      for (let i = 0; i < slot.length; ++i) callListener(this, slot[i]!, name, args);
    }
    return true;
  },

  addListener(this: Emitter, name: Name, listener: Listener): Emitter {
    return add(this, name, listener, false);
  },

  prependListener(this: Emitter, name: Name, listener: Listener): Emitter {
    return add(this, name, listener, true);
  },

  once(this: Emitter, name: Name, listener: Listener): Emitter {
    return this.on(name, wrapOnce(this, name, listener));
  },

  prependOnceListener(this: Emitter, name: Name, listener: Listener): Emitter {
    return add(this, name, wrapOnce(this, name, listener), true);
  },

  removeListener(this: Emitter, name: Name, listener: Listener): Emitter {
    checkFunction(listener, "listener");
    const slots = this._events;
    const slot = slots?.[name];
    if (slots === undefined || slot === undefined) return this;
    if (typeof slot === "function") {
      if (slot !== listener && slot.listener !== listener) return this;
      removeSlot(this, name);
    } else {
      const index = slot.findLastIndex((each) => each === listener || each.listener === listener);
      if (index < 0) return this;
      const rest: Listener[] & { warned?: boolean } = slot.toSpliced(index, 1);
      rest.warned = (slot as { warned?: boolean }).warned === true;
      slots[name] = rest.length === 1 ? rest[0]! : rest;
    }
    if (slots.removeListener !== undefined) this.emit("removeListener", name, listener.listener ?? listener);
    return this;
  },

  removeAllListeners(this: Emitter, name?: Name): Emitter {
    const slots = this._events;
    if (slots === undefined) return this;
    if (slots.removeListener === undefined) {
      if (arguments.length === 0) {
        this._events = Object.create(null) as Record<Name, Slot>;
        this._eventsCount = 0;
      } else if (slots[name!] !== undefined) {
        removeSlot(this, name!);
      }
      return this;
    }
    if (arguments.length === 0) {
      for (const each of Reflect.ownKeys(slots)) {
        if (each !== "removeListener") methods.removeAllListeners.call(this, each);
      }
      methods.removeAllListeners.call(this, "removeListener");
      return this;
    }
    const slot = slots[name!];
    const list = slot === undefined ? [] : typeof slot === "function" ? [slot] : slot;
    for (let i = list.length - 1; i >= 0; --i) this.removeListener(name!, list[i]!);
    return this;
  },

  listeners(this: Emitter, name: Name): Listener[] {
    return listOf(this, name).map((each) => each.listener ?? each);
  },

  rawListeners(this: Emitter, name: Name): Listener[] {
    return [...listOf(this, name)];
  },

  listenerCount(this: Emitter, name: Name, listener?: Listener): number {
    const list = listOf(this, name);
    if (listener === undefined || listener === null) return list.length;
    return list.filter((each) => each === listener || each.listener === listener).length;
  },

  eventNames(this: Emitter): Name[] {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events!) : [];
  },

  setMaxListeners(this: Emitter, n: number): Emitter {
    checkLimit(n, "setMaxListeners");
    this._maxListeners = n;
    return this;
  },

  getMaxListeners(this: Emitter): number {
    return limitOf(this);
  },
};

function removeSlot(emitter: Emitter, name: Name): void {
  if (--emitter._eventsCount === 0) emitter._events = Object.create(null) as Record<Name, Slot>;
  else delete emitter._events![name];
}

function listOf(emitter: Emitter, name: Name): readonly Listener[] {
  const slot = emitter._events?.[name];
  return slot === undefined ? [] : typeof slot === "function" ? [slot] : slot;
}

function checkLimit(n: unknown, name: string): void {
  if (typeof n !== "number") throw invalidArgType(name, "number", n);
  if (!(n >= 0)) throw outOfRange(name, ">= 0", n);
}

Object.assign(EventEmitter.prototype, methods, {
  on: methods.addListener,
  off: methods.removeListener,
  _events: undefined,
  _eventsCount: 0,
  _maxListeners: undefined,
});
for (const key of Object.keys(EventEmitter.prototype)) {
  if (key.startsWith("_")) continue;
  Object.defineProperty(EventEmitter.prototype, key, { enumerable: true });
}

// --- Functions beside it --------------------------------------------------------------------------

type Target = Emitter | EventTarget;

function isEmitter(target: unknown): target is Emitter {
  return typeof (target as Emitter | null)?.on === "function";
}

function isTarget(target: unknown): target is EventTarget {
  return typeof (target as EventTarget | null)?.addEventListener === "function";
}

function listen(target: Target, name: Name, listener: Listener, once: boolean): void {
  if (isEmitter(target)) {
    if (once) (target as Emitter & { once: Emitter["on"] }).once(name, listener);
    else target.on(name, listener);
  } else if (isTarget(target)) {
    target.addEventListener(name as string, listener, { once });
  } else {
    throw invalidArgType("emitter", "EventEmitter", target);
  }
}

function unlisten(target: Target, name: Name, listener: Listener): void {
  if (isEmitter(target)) target.removeListener(name, listener);
  else target.removeEventListener(name as string, listener);
}

/** A promise for the arguments of the next `name`. */
export async function once(
  target: Target, name: Name, options: { signal?: AbortSignal } = {},
): Promise<unknown[]> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  return await new Promise((resolve, reject) => {
    const stop = () => {
      unlisten(target, name, succeed);
      if (isEmitter(target)) unlisten(target, "error", fail);
      signal?.removeEventListener("abort", abort);
    };
    const succeed = (...args: unknown[]) => {
      stop();
      resolve(args);
    };
    const fail = (error: unknown) => {
      stop();
      reject(error as Error);
    };
    const abort = () => {
      stop();
      reject(abortError(signal));
    };
    listen(target, name, succeed, true);
    if (name !== "error" && isEmitter(target)) listen(target, "error", fail, true);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** An asynchronous iterator over the arguments of every `name`. */
export function on(
  target: Target, name: Name,
  options: { signal?: AbortSignal; close?: Name[] } = {},
): AsyncIterableIterator<unknown[]> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  const ready: unknown[][] = [];
  const waiting: PromiseWithResolvers<IteratorResult<unknown[]>>[] = [];
  let failure: { error: unknown } | null = null;
  let finished = false;
  const take = (...args: unknown[]) => {
    const next = waiting.shift();
    if (next !== undefined) next.resolve({ value: args, done: false });
    else ready.push(args);
  };
  const fail = (error: unknown) => {
    const next = waiting.shift();
    if (next !== undefined) next.reject(error);
    else failure = { error };
    finish();
  };
  const abort = () => fail(abortError(signal));
  const finish = () => {
    unlisten(target, name, take);
    if (isEmitter(target)) unlisten(target, "error", fail);
    for (const each of options.close ?? []) unlisten(target, each, finish);
    signal?.removeEventListener("abort", abort);
    finished = true;
    for (const next of waiting.splice(0)) next.resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true as const });
  };
  listen(target, name, take, false);
  if (name !== "error" && isEmitter(target)) listen(target, "error", fail, false);
  for (const each of options.close ?? []) listen(target, each, finish, true);
  signal?.addEventListener("abort", abort, { once: true });
  return {
    next() {
      const value = ready.shift();
      if (value !== undefined) return Promise.resolve({ value, done: false });
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error as Error);
      }
      if (finished) return Promise.resolve({ value: undefined, done: true });
      const next = Promise.withResolvers<IteratorResult<unknown[]>>();
      waiting.push(next);
      return next.promise;
    },
    return: finish,
    throw(error: unknown) {
      fail(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function listenerCount(emitter: Emitter, name: Name): number {
  if (isEmitter(emitter)) return methods.listenerCount.call(emitter, name);
  throw invalidArgType("emitter", "EventEmitter", emitter);
}

export function getEventListeners(emitter: Emitter, name: Name): Listener[] {
  if (isEmitter(emitter)) return methods.listeners.call(emitter, name);
  throw invalidArgType("emitter", "EventEmitter", emitter);
}

export function getMaxListeners(emitter: Emitter): number {
  if (isEmitter(emitter)) return limitOf(emitter);
  throw invalidArgType("emitter", "EventEmitter", emitter);
}

export function setMaxListeners(n: number = maxListeners, ...emitters: Emitter[]): void {
  checkLimit(n, "setMaxListeners");
  if (emitters.length === 0) maxListeners = n;
  for (const each of emitters) if (isEmitter(each)) methods.setMaxListeners.call(each, n);
}

/** Calls `listener` when `signal` is aborted, or soon if it is; disposing of the result undoes it. */
export function addAbortListener(signal: AbortSignal, listener: (event?: Event) => void): Disposable {
  if (signal === undefined) throw invalidArgType("signal", "AbortSignal", signal);
  checkFunction(listener, "listener");
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener("abort", listener, { once: true });
  return {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", listener);
    },
  };
}

export let usingDomains = false;

/** An emitter whose listeners run in the asynchronous context that it was made in. */
export class EventEmitterAsyncResource extends (EventEmitter as unknown as new (options?: object) => any) {
  readonly #frame;
  constructor(options: object = {}) {
    super(options);
    useFrames();
    this.#frame = currentFrame();
  }
  emit(name: Name, ...args: unknown[]): boolean {
    return runInFrame(this.#frame, methods.emit as never, this, [name, ...args]) as unknown as boolean;
  }
  get asyncResource(): this {
    return this;
  }
}

const statics = {
  EventEmitter,
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  errorMonitor,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
  usingDomains,
};
Object.assign(EventEmitter, statics);
Object.defineProperties(EventEmitter, {
  captureRejections: {
    get: () => captureByDefault,
    set: (value: unknown) => {
      if (typeof value !== "boolean") throw invalidArgType("EventEmitter.captureRejections", "boolean", value);
      captureByDefault = value;
    },
    enumerable: true,
    configurable: true,
  },
  defaultMaxListeners: {
    get: () => maxListeners,
    set: (value: unknown) => {
      checkLimit(value, "defaultMaxListeners");
      maxListeners = value as number;
    },
    enumerable: true,
    configurable: true,
  },
});

export const init = EventEmitter.init;
export const captureRejections = false;
export const defaultMaxListeners = 10;
export default EventEmitter;
