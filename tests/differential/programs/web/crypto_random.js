// Random values and UUIDs.
import { attempt, print } from "lines";

export default async () => {
  const bytes = new Uint8Array(16);
  print("same", crypto.getRandomValues(bytes) === bytes, bytes.some((byte) => byte !== 0));
  print("kinds", [Int8Array, Uint16Array, Int32Array, BigUint64Array].map((kind) => crypto.getRandomValues(new kind(2)).length));
  print("uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
  await attempt("floats", () => crypto.getRandomValues(new Float64Array(1)));
  await attempt("data view", () => crypto.getRandomValues(new DataView(new ArrayBuffer(4))));
  await attempt("too many", () => crypto.getRandomValues(new Uint8Array(65537)));
  await attempt("buffer", () => crypto.getRandomValues(new ArrayBuffer(4)));
  await attempt("equal", () => crypto.subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  await attempt("not equal", () => crypto.subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
};
