// Keys that no operation takes.
import { attempt } from "lines";

export default async (env) => {
  for (const [name, key] of Object.entries({ empty: "", dot: ".", "two dots": "..", long: "k".repeat(513), "long in bytes": "€".repeat(171) })) {
    await attempt(`get ${name}`, () => env.KV.get(key));
    await attempt(`put ${name}`, () => env.KV.put(key, "v"));
    await attempt(`delete ${name}`, () => env.KV.delete(key));
    await attempt(`metadata ${name}`, () => env.KV.getWithMetadata(key));
  }
};
