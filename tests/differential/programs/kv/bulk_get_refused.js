// What get() of many keys refuses.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("bad", "{no json");
  await attempt("none", () => env.KV.get([]));
  await attempt("101", () => env.KV.get(Array.from({ length: 101 }, (_, i) => `k${i}`)));
  await attempt("100", async () => (await env.KV.get(Array.from({ length: 100 }, (_, i) => `k${i}`))).size);
  await attempt("stream", () => env.KV.get(["a"], "stream"));
  await attempt("arrayBuffer", () => env.KV.get(["a"], "arrayBuffer"));
  await attempt("unknown type", () => env.KV.get(["a"], "yaml"));
  await attempt("empty key", () => env.KV.get(["a", ""]));
  await attempt("dot", () => env.KV.get(["."]));
  await attempt("long key", () => env.KV.get(["k".repeat(513)]));
  await attempt("bad json", () => env.KV.get(["bad"], "json"));
};
