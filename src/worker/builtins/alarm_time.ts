// The time that setAlarm() is given.
import { badArgument } from "../../web/builtins/webidl.ts";

/** A time in nanoseconds has to fit 64 bits, in workerd. */
const LATEST_MS = 2 ** 63 / 1e6;

/** Milliseconds since 1970, not before now. Throws as workerd does. */
export function toAlarmTime(value: unknown, of: string): number {
  let time: number;
  if (value instanceof Date) time = value.getTime();
  else if (typeof value === "number") time = value;
  else throw badArgument("setAlarm", of, 1, "date");
  if (!Number.isFinite(time)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  if (time >= LATEST_MS) throw new TypeError("This API doesn't support dates after 2189.");
  if (time <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  return Math.max(Math.trunc(time), Date.now());
}
