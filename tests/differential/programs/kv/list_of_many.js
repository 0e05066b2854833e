// A list without a limit has 1000 keys.
import { print } from "lines";

export default async (env) => {
  await Promise.all(Array.from({ length: 1005 }, (_, i) => env.KV.put(`key${String(i).padStart(4, "0")}`, "v")));
  const first = await env.KV.list();
  print("first", first.keys.length, first.list_complete, first.keys.at(-1));
  const second = await env.KV.list({ cursor: first.cursor });
  print("second", second.keys.length, second.list_complete, second.keys.at(-1));
};
