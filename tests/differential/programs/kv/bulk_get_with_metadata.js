// getWithMetadata() of many keys.
import { attempt, print } from "lines";

export default async (env) => {
  await env.KV.put("a", "1", { metadata: { m: 1 } });
  await env.KV.put("b", "2");
  print("map", await env.KV.getWithMetadata(["a", "b", "missing"]));
  print("json", await env.KV.getWithMetadata(["a"], "json"));
  await attempt("none", () => env.KV.getWithMetadata([]));
};
