// get() as JSON of a value that is no JSON.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("key", "{not json");
  await env.KV.put("empty", "");
  await attempt("key", () => env.KV.get("key", "json"));
  await attempt("empty", () => env.KV.get("empty", "json"));
  await attempt("with metadata", () => env.KV.getWithMetadata("key", "json"));
};
