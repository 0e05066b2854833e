// getWithMetadata() of a key that is not there, and with each type.
import { print } from "lines";

export default async (env) => {
  print("missing", await env.KV.getWithMetadata("missing"));
  await env.KV.put("key", "[1]", { metadata: { m: 1 } });
  for (const type of ["text", "json", "arrayBuffer"]) print(type, await env.KV.getWithMetadata("key", type));
  const { value, metadata } = await env.KV.getWithMetadata("key", { type: "stream" });
  print("stream", value instanceof ReadableStream, await new Response(value).text(), metadata);
  print("keys", Object.keys(await env.KV.getWithMetadata("key")));
};
