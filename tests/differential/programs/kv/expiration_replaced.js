// A put without expiration makes a key stay.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("key", "v", { expirationTtl: 60 });
  print("first", Object.keys((await env.KV.list()).keys[0]));
  await env.KV.put("key", "w");
  print("second", Object.keys((await env.KV.list()).keys[0]));
};
