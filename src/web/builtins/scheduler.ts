// scheduler.wait(): a timer as a promise, a Workers extension.
// https://developers.cloudflare.com/workers/runtime-apis/scheduler/
import { addAbortAlgorithm, type AbortSignal, isAbortSignal, removeAbortAlgorithm } from "./abort.ts";
import { clearTimer, startTimer } from "./timers.ts";
import { badArgument, defineInterface, illegalConstructor } from "./webidl.ts";

const internal = Symbol();

export class Scheduler {
  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
  }

  /** Resolves after `delay` milliseconds, or rejects with the signal's reason. */
  wait(delay: unknown, options: { signal?: AbortSignal } | undefined = undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (delay === undefined) throw badArgument("wait", "Scheduler", 1, "number");
      const signal = options?.signal;
      if (signal === undefined || signal === null) {
        startTimer(resolve, Number(delay));
        return;
      }
      if (!isAbortSignal(signal)) throw badArgument("wait", "Scheduler", 2, "AbortSignal");
      signal.throwIfAborted();
      const onAbort = (reason: unknown) => {
        clearTimer(id);
        reject(reason);
      };
      const id = startTimer(() => {
        removeAbortAlgorithm(signal, onAbort);
        resolve();
      }, Number(delay));
      addAbortAlgorithm(signal, onAbort);
    });
  }
}
defineInterface(Scheduler, "Scheduler");

export const scheduler = new Scheduler(internal);
