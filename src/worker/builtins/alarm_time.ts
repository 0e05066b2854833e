// Times that storage is given.
import { badArgument } from "../../web/builtins/webidl.ts";

/** A time in nanoseconds has to fit 64 bits, in workerd. */
const LATEST_MS = 2 ** 63 / 1e6;

/** Milliseconds since 1970, of parameter 1. Throws as workerd does. */
export function toTime(value: unknown, method: string, of: string): number {
  let time: number;
  if (value instanceof Date) time = value.getTime();
  else if (typeof value === "number") time = value;
  else throw badArgument(method, of, 1, "date");
  if (!Number.isFinite(time)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  if (time >= LATEST_MS) throw new TypeError("This API doesn't support dates after 2189.");
  return Math.trunc(time);
}

/** The same for setAlarm(); not before now. */
export function toAlarmTime(value: unknown, of: string): number {
  const time = toTime(value, "setAlarm", of);
  if (time <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  return Math.max(time, Date.now());
}
