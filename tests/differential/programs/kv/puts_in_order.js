// The last of many puts at one key that are awaited one by one wins; reads see each at once.
import { print } from "lines";

export default async (env) => {
  for (let i = 0; i < 5; ++i) {
    await env.KV.put("key", String(i));
    print("read", await env.KV.get("key"));
  }
  await Promise.all(["a", "b", "c"].map((name) => env.KV.put(name, name)));
  print("all", (await env.KV.list()).keys.map(({ name }) => name));
};
