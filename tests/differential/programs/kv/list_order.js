// list() orders keys by their bytes of UTF-8, not by UTF-16 units or by locale.
import { print } from "lines";

export default async (env) => {
  for (const key of ["b", "a", "B", "ä", "z", "10", "2", "\uffee", "🙂", "a/1", "a-1", "a"]) await env.KV.put(key, "v");
  print("keys", (await env.KV.list()).keys.map(({ name }) => name));
};
