// A put without metadata takes the old metadata away.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("key", "1", { metadata: { first: true } });
  print("first", await env.KV.getWithMetadata("key"));
  await env.KV.put("key", "2");
  print("second", await env.KV.getWithMetadata("key"));
  await env.KV.put("key", "3", { metadata: "again" });
  print("third", await env.KV.getWithMetadata("key"));
};
