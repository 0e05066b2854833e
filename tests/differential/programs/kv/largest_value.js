// 25 MiB are stored, a byte more is refused.
import { attempt, print } from "lines";

export default async (env) => {
  const most = 25 * 1024 * 1024;
  await attempt("25 MiB", () => env.KV.put("key", new Uint8Array(most)));
  await attempt("and a byte", () => env.KV.put("other", new Uint8Array(most + 1)));
  print("stored", (await env.KV.get("key", "arrayBuffer")).byteLength, await env.KV.get("other"));
};
