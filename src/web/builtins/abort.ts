// AbortController and AbortSignal.
// https://dom.spec.whatwg.org/#aborting-ongoing-activities
import { DOMException } from "./dom_exception.ts";
import {
  connectSignals,
  defineHandlers,
  dispatchTrusted,
  Event,
  EventTarget,
} from "./event.ts";
import { clearTimer, startTimer } from "./timers.ts";
import { badArgument, defineInterface, illegalConstructor } from "./webidl.ts";

type Algorithm = (reason: unknown) => void;

const internal = Symbol();

/** Aborts a signal: runs its algorithms, fires "abort", aborts its dependents. Once only. */
export let signalAbort: (signal: AbortSignal, reason: unknown) => void;
/** Runs `algorithm` when the signal aborts; never, if it already has. */
export let addAbortAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
export let removeAbortAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
export let isAbortSignal: (value: unknown) => value is AbortSignal;

let observe: (target: EventTarget) => void;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #algorithms: Algorithm[] | null = null;
  /** Signals made by any() from this one. */
  #dependents: WeakRef<AbortSignal>[] | null = null;
  /** Those of them that somebody listens to: they must not be collected before they fire. */
  #observed: Set<AbortSignal> | null = null;
  #sources: AbortSignal[] | null = null;

  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
    super();
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason: unknown = abortError()): AbortSignal {
    const signal = new AbortSignal(internal);
    signal.#aborted = true;
    signal.#reason = reason;
    return signal;
  }

  static timeout(delay: number): AbortSignal {
    const signal = new AbortSignal(internal);
    const timer = startTimer(() => {
      signalAbort(
        signal,
        new DOMException("The operation was aborted due to timeout", "TimeoutError"),
      );
    }, Number(delay));
    addAbortAlgorithm(signal, () => clearTimer(timer));
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const sources = [...signals];
    const result = new AbortSignal(internal);
    for (const source of sources) {
      if (!isAbortSignal(source)) throw badArgument("any", "AbortSignal", 1, "AbortSignal[]");
      if (source.#aborted) {
        result.#aborted = true;
        result.#reason = source.#reason;
        return result;
      }
    }
    result.#sources = [];
    for (const source of sources) {
      for (const root of source.#sources ?? [source]) {
        if (result.#sources.includes(root)) continue;
        result.#sources.push(root);
        (root.#dependents ??= []).push(new WeakRef(result));
      }
    }
    return result;
  }

  static {
    isAbortSignal = (value): value is AbortSignal =>
      typeof value === "object" && value !== null && #aborted in value;
    addAbortAlgorithm = (signal, algorithm) => {
      if (signal.#aborted) return;
      (signal.#algorithms ??= []).push(algorithm);
      observe(signal);
    };
    observe = (target) => {
      if (!isAbortSignal(target) || target.#sources === null) return;
      for (const source of target.#sources) (source.#observed ??= new Set()).add(target);
    };
    removeAbortAlgorithm = (signal, algorithm) => {
      if (signal.#algorithms !== null) {
        signal.#algorithms = signal.#algorithms.filter((other) => other !== algorithm);
      }
    };
    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      const all = [signal];
      signal.#aborted = true;
      signal.#reason = reason === undefined ? abortError() : reason;
      for (const reference of signal.#dependents ?? []) {
        const dependent = reference.deref();
        if (dependent === undefined || dependent.#aborted) continue;
        dependent.#aborted = true;
        dependent.#reason = signal.#reason;
        all.push(dependent);
      }
      signal.#dependents = null;
      signal.#observed = null;
      for (const one of all) {
        for (const source of one.#sources ?? []) source.#observed?.delete(one);
      }
      for (const one of all) {
        const algorithms = one.#algorithms;
        one.#algorithms = null;
        for (const algorithm of algorithms ?? []) algorithm(one.#reason);
        dispatchTrusted(one, new Event("abort"));
      }
    };
  }
}
defineHandlers(AbortSignal, ["abort"]);
defineInterface(AbortSignal, "AbortSignal");
connectSignals(isAbortSignal, addAbortAlgorithm, observe);

export function newSignal(): AbortSignal {
  return new AbortSignal(internal);
}

function abortError(): DOMException {
  return new DOMException("The operation was aborted", "AbortError");
}

export class AbortController {
  #signal: AbortSignal | null = null;
  get signal(): AbortSignal {
    return (this.#signal ??= new AbortSignal(internal));
  }
  abort(reason: unknown = undefined): void {
    signalAbort(this.signal, reason);
  }
}
defineInterface(AbortController, "AbortController");
