// Code from text.
import { attempt } from "lines";

export default async () => {
  await attempt("eval", () => (0, eval)("1 + 1"));
  await attempt("Function", () => new Function("return 1")());
  await attempt("async function", () => Object.getPrototypeOf(async () => {}).constructor("return 1")());
  await attempt("wasm", () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
  await attempt("instantiate", () => WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
};
