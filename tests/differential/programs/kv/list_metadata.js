// list() shows metadata and only where there is some.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("a", "v", { metadata: { deep: [1, { x: null }] } });
  await env.KV.put("b", "v");
  await env.KV.put("c", "v", { metadata: null });
  await env.KV.put("d", "v", { metadata: 0 });
  for (const key of (await env.KV.list()).keys) print(key.name, key, Object.keys(key));
};
