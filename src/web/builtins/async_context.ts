// What follows the running code through await, timers and microtasks: the invocation's number and,
// once a script uses AsyncLocalStorage, what its stores hold.
//
// V8 keeps one value for that, its continuation-preserved embedder data. It is the number alone as
// long as no store holds anything, and then a frame. The number is the invocation whose event is
// being delivered; stores that are taken along (AsyncResource, snapshot()) never change it.
import { natives } from "./natives.ts";

const { asyncContext, setAsyncContext } = natives;

/** [invocation, store, value, store, value, ...]; never changed once made. C++ reads its first. */
export type Frame = readonly unknown[];

let used = false;

/** From now on there may be frames. */
export function useFrames(): void {
  used = true;
}

/** null: no store holds anything. */
export function currentFrame(): Frame | null {
  if (!used) return null;
  const context = asyncContext();
  return typeof context === "object" ? (context as Frame) : null;
}

function rebased(frame: Frame | null, context: unknown): unknown {
  const invocation = typeof context === "object" ? (context as Frame)[0] : (context ?? 0);
  if (frame === null) return invocation;
  return frame[0] === invocation ? frame : frame.with(0, invocation);
}

/** The stores hold what `frame` says, until the event ends or something else is entered. */
export function enterFrame(frame: Frame | null): void {
  setAsyncContext(rebased(frame, asyncContext()));
}

/** Calls `run` while the stores hold what `frame` says. */
export function runInFrame<T>(
  frame: Frame | null,
  run: (...args: any[]) => T,
  self: unknown,
  args: readonly unknown[],
): T {
  const before = asyncContext();
  setAsyncContext(rebased(frame, before));
  try {
    return run.apply(self, args as unknown[]);
  } finally {
    setAsyncContext(before);
  }
}

function indexOf(frame: Frame, store: object): number {
  let index = 1;
  while (index < frame.length && frame[index] !== store) index += 2;
  return index < frame.length ? index : -1;
}

export function valueIn(frame: Frame | null, store: object, otherwise: unknown): unknown {
  const index = frame === null ? -1 : indexOf(frame, store);
  return index < 0 ? otherwise : frame![index + 1];
}

/** `frame`, with `value` in `store`. */
export function frameWith(frame: Frame | null, store: object, value: unknown): Frame {
  if (frame === null) return [0, store, value];
  const index = indexOf(frame, store);
  return index < 0 ? [...frame, store, value] : frame.with(index + 1, value);
}

/** The current frame without `store`. */
export function frameWithout(store: object): Frame | null {
  const frame = currentFrame();
  const index = frame === null ? -1 : indexOf(frame, store);
  if (index < 0) return frame;
  return frame!.length === 3 ? null : [...frame!.slice(0, index), ...frame!.slice(index + 2)];
}
