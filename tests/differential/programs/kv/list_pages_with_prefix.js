// A cursor goes on within its prefix, and past keys that have gone meanwhile.
import { print } from "lines";

export default async (env) => {
  for (const key of ["a1", "a2", "a3", "a4", "b1"]) await env.KV.put(key, "v");
  const first = await env.KV.list({ prefix: "a", limit: 2 });
  print("first", first.keys);
  await env.KV.delete("a2");
  await env.KV.delete("a3");
  await env.KV.put("a25", "v");
  const second = await env.KV.list({ prefix: "a", limit: 2, cursor: first.cursor });
  print("second", second.keys, second.list_complete);
};
