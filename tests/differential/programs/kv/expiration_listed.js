// Expirations as list() shows them: absolute, in seconds.
import { print } from "lines";

export default async (env) => {
  const now = Math.floor(Date.now() / 1000);
  await env.KV.put("absolute", "v", { expiration: now + 600 });
  await env.KV.put("relative", "v", { expirationTtl: 120 });
  await env.KV.put("text", "v", { expirationTtl: "90" });
  await env.KV.put("none", "v");
  await env.KV.put("both", "v", { expiration: now + 1000, expirationTtl: 300 });
  for (const { name, expiration, ...rest } of (await env.KV.list()).keys) {
    const about = expiration === undefined ? undefined : Math.round((expiration - now) / 10) * 10;
    print(name, about, Number.isInteger(expiration), rest);
  }
  print("read", await env.KV.get("relative"), await env.KV.getWithMetadata("absolute"));
};
