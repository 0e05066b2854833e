// Metadata has 1024 bytes of JSON at most.
import { attempt, print } from "lines";

export default async (env) => {
  await attempt("1024", () => env.KV.put("a", "v", { metadata: "m".repeat(1022) }));
  await attempt("1025", () => env.KV.put("b", "v", { metadata: "m".repeat(1023) }));
  await attempt("wide characters", () => env.KV.put("c", "v", { metadata: "€".repeat(400) }));
  print("a", (await env.KV.getWithMetadata("a")).metadata.length);
  print("b", await env.KV.get("b"));
};
