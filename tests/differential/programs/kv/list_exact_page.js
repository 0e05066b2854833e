// A page that takes the last keys is complete.
import { print } from "lines";

export default async (env) => {
  for (let i = 0; i < 4; ++i) await env.KV.put(`k${i}`, "v");
  const all = await env.KV.list({ limit: 4 });
  print("4 of 4", all.keys.length, all.list_complete, "cursor" in all);
  const half = await env.KV.list({ limit: 2 });
  const rest = await env.KV.list({ limit: 2, cursor: half.cursor });
  print("2 and 2", rest.keys.map(({ name }) => name), rest.list_complete, "cursor" in rest);
};
