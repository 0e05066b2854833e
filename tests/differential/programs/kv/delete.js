// delete() of keys that are and are not there.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("key", "v", { metadata: 1 });
  print("there", await env.KV.delete("key"));
  print("gone", await env.KV.get("key"), await env.KV.getWithMetadata("key"));
  print("again", await env.KV.delete("key"));
  print("list", await env.KV.list());
};
