// Keys of other types become texts.
import { attempt, print } from "lines";

export default async (env) => {
  for (const key of [5, true, null, undefined, { toString: () => "object" }, 1n]) {
    await attempt(`put ${String(key)}`, () => env.KV.put(key, String(key)));
  }
  await attempt("symbol", () => env.KV.put(Symbol("s"), "v"));
  print("keys", (await env.KV.list()).keys.map(({ name }) => name));
  await attempt("get 5", () => env.KV.get("5"));
};
