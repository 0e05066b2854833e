// https://nodejs.org/api/timers.html#timers-promises-api
import { abortError } from "../../errors.ts";

interface Options {
  signal?: AbortSignal;
  ref?: boolean;
}
const { clearInterval: stopInterval, clearTimeout: stop, setInterval: repeat, setTimeout: start } = globalThis;

function wait<T>(delay: number, value: T, signal: AbortSignal | undefined): Promise<T> {
  if (signal?.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const abort = () => {
      stop(id);
      reject(abortError(signal));
    };
    const id = start(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    }, delay);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

export async function setTimeout<T>(delay = 1, value?: T, options: Options = {}): Promise<T | undefined> {
  return await wait(delay, value, options.signal);
}

export async function setImmediate<T>(value?: T, options: Options = {}): Promise<T | undefined> {
  return await wait(0, value, options.signal);
}

export async function* setInterval<T>(delay = 1, value?: T, options: Options = {}): AsyncGenerator<T | undefined> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  let due = 0;
  let wake: (() => void) | null = null;
  const next = () => {
    wake?.();
    wake = null;
  };
  const id = repeat(() => {
    ++due;
    next();
  }, delay);
  signal?.addEventListener("abort", next, { once: true });
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      for (; due > 0; --due) yield value;
      if (!signal?.aborted && due === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stopInterval(id);
    signal?.removeEventListener("abort", next);
  }
}

export const scheduler = {
  wait: (delay: number, options: Options = {}) => wait(delay, undefined, options.signal),
  yield: () => wait(0, undefined, undefined),
};
