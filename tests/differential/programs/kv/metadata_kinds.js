// Metadata of each JSON type.
import { attempt, print } from "lines";

export default async (env) => {
  const kinds = { object: { a: 1, b: [null, { c: "d" }] }, text: "text", number: 1.5, zero: 0, true: true, false: false, null: null, undefined, list: [1, "2"], date: new Date(0), "empty object": {} };
  for (const [name, metadata] of Object.entries(kinds)) {
    await env.KV.put(name, "v", { metadata });
    print(name, await env.KV.getWithMetadata(name));
  }
  await attempt("bigint", () => env.KV.put("bigint", "v", { metadata: 1n }));
  const circular = {};
  circular.self = circular;
  await attempt("circular", () => env.KV.put("circular", "v", { metadata: circular }).catch((error) => error.name));
};
