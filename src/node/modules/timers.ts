// Timers as objects, over the platform's numbers. A timer keeps nothing alive beyond its invocation:
// ref() and unref() change only what hasRef() says.
// https://nodejs.org/api/timers.html
import { checkFunction } from "../errors.ts";
import * as promises from "node:timers/promises";

type Callback = (...args: any[]) => unknown;
const { setTimeout: start, clearTimeout: stop, setInterval: repeat } = globalThis;

class Timer {
  #id = 0;
  #active = true;
  #referenced = true;
  readonly #begin: () => number;

  constructor(callback: Callback, delay: number | undefined, args: unknown[], repeats: boolean) {
    checkFunction(callback, "callback");
    // As in Node: one millisecond at least, and what does not fit fires at once.
    const after = delay !== undefined && delay >= 1 && delay <= 0x7fffffff ? Math.trunc(delay) : 1;
    const fire = () => {
      if (!repeats) this.#active = false;
      callback.apply(this, args);
    };
    this.#begin = () => (repeats ? repeat : start)(fire, after);
    this.#id = this.#begin();
  }

  refresh(): this {
    if (this.#active) {
      stop(this.#id);
      this.#id = this.#begin();
    }
    return this;
  }
  ref(): this {
    this.#referenced = true;
    return this;
  }
  unref(): this {
    this.#referenced = false;
    return this;
  }
  hasRef(): boolean {
    return this.#referenced;
  }
  close(): this {
    this.#active = false;
    stop(this.#id);
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}
Object.defineProperty(Timer, "name", { value: "Timeout" });

/** A number is one of the platform's. */
function clear(timer: unknown): void {
  if (timer instanceof Timer) timer.close();
  else stop(timer as never);
}

export function setTimeout(callback: Callback, delay?: number, ...args: unknown[]): Timer {
  return new Timer(callback, delay, args, false);
}
export function setInterval(callback: Callback, delay?: number, ...args: unknown[]): Timer {
  return new Timer(callback, delay, args, true);
}
export const clearTimeout = clear;
export const clearInterval = clear;

class Immediate {
  #id: number | null;
  #referenced = true;
  constructor(callback: Callback, args: unknown[]) {
    checkFunction(callback, "callback");
    this.#id = start(() => {
      this.#id = null;
      callback(...args);
    }, 0);
  }
  ref(): this {
    this.#referenced = true;
    return this;
  }
  unref(): this {
    this.#referenced = false;
    return this;
  }
  hasRef(): boolean {
    return this.#referenced;
  }
  [Symbol.dispose](): void {
    if (this.#id !== null) stop(this.#id);
    this.#id = null;
  }
}

export function setImmediate(callback: Callback, ...args: unknown[]): Immediate {
  return new Immediate(callback, args);
}
export function clearImmediate(immediate: unknown): void {
  if (immediate instanceof Immediate) immediate[Symbol.dispose]();
}
const timersPromises = (promises as unknown as { default: unknown }).default;
export { timersPromises as promises };
