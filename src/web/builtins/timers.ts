// setTimeout and setInterval. The host counts the time; this keeps the callbacks.
// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers
import { currentFrame, enterFrame, type Frame } from "./async_context.ts";
import { reportUncaught } from "./event.ts";
import { natives } from "./natives.ts";
import { badArgument } from "./webidl.ts";

const { timerStart, timerStop, timersDropped } = natives;

interface Timer {
  callback: (...args: unknown[]) => unknown;
  args: unknown[] | null;
  repeat: boolean;
  /** What AsyncLocalStorage held when it was set. */
  frame: Frame | null;
}

/** By the host's id. Empty in the snapshot. */
const timers = new Map<number, Timer>();

/** So many timers, and it is time to ask which of them the host has dropped. */
const FEWEST_TO_SWEEP = 256;
let sweepAt = FEWEST_TO_SWEEP;

/** Lets go of the callbacks of timers that ended with their invocations. */
export function sweepTimers(): void {
  for (const id of timersDropped()) timers.delete(id);
  sweepAt = Math.max(FEWEST_TO_SWEEP, 2 * timers.size);
}

function toDelay(value: unknown): number {
  const delay = Number(value);
  // Also for NaN.
  return delay > 0 ? delay : 0;
}

function start(
  method: string,
  callback: unknown,
  delay: unknown,
  args: unknown[] | null,
  repeat: boolean,
): number {
  if (typeof callback !== "function") {
    throw badArgument(method, "ServiceWorkerGlobalScope", 1, "function");
  }
  if (timers.size >= sweepAt) sweepTimers();
  const id = timerStart(toDelay(delay), repeat);
  timers.set(id, { callback: callback as Timer["callback"], args, repeat, frame: currentFrame() });
  return id;
}

export function startTimer(callback: () => void, delay: number): number {
  return start("setTimeout", callback, delay, null, false);
}

export function clearTimer(id: number): void {
  if (timers.delete(id)) timerStop(id);
}

/** Called by the host when the time has come. */
export function fireTimer(id: number): void {
  const timer = timers.get(id);
  if (timer === undefined) return;
  if (!timer.repeat) timers.delete(id);
  const { callback, args } = timer;
  // For this event: the next one begins with its own.
  if (timer.frame !== null) enterFrame(timer.frame);
  try {
    if (args === null) callback();
    else callback(...args);
  } catch (error) {
    reportUncaught(error);
  }
}

export function setTimeout(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
  return start("setTimeout", callback, delay, args.length === 0 ? null : args, false);
}
export function setInterval(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
  return start("setInterval", callback, delay, args.length === 0 ? null : args, true);
}
export function clearTimeout(id: unknown = undefined): void {
  if (id !== undefined && id !== null) clearTimer(Number(id));
}
export function clearInterval(id: unknown = undefined): void {
  if (id !== undefined && id !== null) clearTimer(Number(id));
}
