// cacheTtl: what is taken, and what is refused.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("key", "v");
  for (const cacheTtl of [30, 60, 3600, 0, 29, -1, "60", "abc", null, undefined]) {
    await attempt(`cacheTtl ${cacheTtl}`, () => env.KV.get("key", { cacheTtl }));
  }
  await attempt("with metadata", () => env.KV.getWithMetadata("key", { type: "text", cacheTtl: 60 }));
  await attempt("bulk", () => env.KV.get(["key"], { cacheTtl: 10 }));
};
