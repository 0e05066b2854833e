// get() of many keys: a Map in the order of the keys, null for what is missing.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("b", "2");
  await env.KV.put("a", '{"x":1}');
  const found = await env.KV.get(["b", "missing", "a"]);
  print("map", found instanceof Map, found);
  print("json", await env.KV.get(["b", "a"], "json"));
  print("json option", await env.KV.get(["a"], { type: "json" }));
  print("text", await env.KV.get(["a"], "text"));
  print("twice the same", await env.KV.get(["a", "a"]));
};
