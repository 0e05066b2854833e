// Digests of each algorithm.
import { attempt, print } from "lines";

export default async () => {
  const data = new TextEncoder().encode("hello");
  for (const algorithm of ["SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5", "sha-256", { name: "SHA-256" }]) await attempt(`digest ${JSON.stringify(algorithm)}`, () => crypto.subtle.digest(algorithm, data));
  await attempt("unknown", () => crypto.subtle.digest("SHA-0", data));
  await attempt("of text", () => crypto.subtle.digest("SHA-1", "text"));
  print("empty", await crypto.subtle.digest("SHA-256", new ArrayBuffer(0)));
  print("view", await crypto.subtle.digest("MD5", new Uint8Array([1, 2, 3]).subarray(1)));
};
