// New parts of the language that programs use.
import { print } from "lines";

export default async () => {
  print("group", Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even")));
  print("array", [3, 1, 2].toSorted(), [1, 2].with(0, 5), [1, 2, 3].findLast((n) => n < 3), [1, 2].at(-1));
  print("set", [...new Set([1, 2]).union(new Set([3]))]);
  print("iterator", [1, 2, 3].values().map((n) => n * 2).toArray());
  print("promise", typeof Promise.withResolvers, typeof Promise.try);
  print("regexp", "aBc".replace(/(?i:b)/, "x"), /[\p{L}--[a-z]]/v.test("A"), typeof RegExp.escape);
  print("buffer", new ArrayBuffer(2, { maxByteLength: 4 }).resizable, new Uint8Array([1, 2]).toHex?.(), Uint8Array.fromBase64?.("AQI="));
  print("error", Error.isError?.(new Error()), typeof Error.captureStackTrace);
  print("disposable", typeof Symbol.dispose, typeof DisposableStack, typeof SuppressedError);
  print("other", typeof Math.sumPrecise, typeof Array.fromAsync, typeof Iterator.concat, typeof JSON.rawJSON, typeof Float16Array);
};
