// Two namespaces have nothing in common.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("key", "one");
  await env.KV2.put("key", "two");
  await env.KV2.delete("other");
  print("values", await env.KV.get("key"), await env.KV2.get("key"));
  await env.KV2.delete("key");
  print("after", await env.KV.get("key"), await env.KV2.get("key"));
};
