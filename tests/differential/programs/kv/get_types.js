// Each type of get(), as a text and as an option.
import { attempt, print } from "lines";

export default async (env) => {
  await env.KV.put("json", '{"a":[1,null]}');
  for (const type of ["text", "json", "arrayBuffer"]) {
    print(type, await env.KV.get("json", type));
    print(`{type: ${type}}`, await env.KV.get("json", { type }));
  }
  const stream = await env.KV.get("json", "stream");
  print("stream", stream instanceof ReadableStream, await new Response(stream).text());
  print("undefined", await env.KV.get("json", undefined), await env.KV.get("json", {}));
  await attempt("unknown", () => env.KV.get("json", "yaml"));
  for (const type of ["text", "json", "arrayBuffer", "stream"]) print(`missing ${type}`, await env.KV.get("none", type));
};
