// deleteBulk(): there or not, and what it does.
import { attempt, print } from "lines";

export default async (env) => {
  await env.KV.put("a", "1");
  await env.KV.put("b", "2");
  await env.KV.put("c", "3");
  print("kind", typeof env.KV.deleteBulk);
  if (typeof env.KV.deleteBulk === "function") {
    await attempt("two", () => env.KV.deleteBulk(["a", "b", "missing"]));
    print("left", (await env.KV.list()).keys.map(({ name }) => name));
  }
};
