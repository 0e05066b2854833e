// structuredClone(): kinds, identity, transfer, refusals.
import { attempt, print } from "lines";

export default async () => {
  const shared = {};
  const value = structuredClone({ date: new Date(0), map: new Map([[shared, shared]]), list: [shared, shared], error: new TypeError("t", { cause: 1 }), regexp: /a/y });
  print("value", value.date, value.list[0] === value.list[1], [...value.map][0][0] === value.list[0], value.error, value.error.cause, value.regexp);
  const buffer = new Uint8Array([1, 2]).buffer;
  const moved = structuredClone(buffer, { transfer: [buffer] });
  print("transfer", moved, buffer.byteLength, buffer.detached);
  for (const [name, bad] of Object.entries({ function: () => {}, symbol: Symbol(), "weak set": new WeakSet(), promise: Promise.resolve() })) await attempt(name, () => structuredClone(bad));
  class Point {
    x = 1;
    get y() {
      return 2;
    }
  }
  print("class", structuredClone(new Point()));
  await attempt("nothing", () => structuredClone());
  print("primitive wrappers", structuredClone([new Number(1), Object(1n)]));
  print("lastIndex", structuredClone(Object.assign(/x/g, { lastIndex: 3 })).lastIndex);
};
