// A value of some MiB reads as a stream, in pieces that make up the whole.
import { print } from "lines";

export default async (env) => {
  const size = 3 * 1024 * 1024;
  const value = new Uint8Array(size).map((_, i) => i % 251);
  await env.KV.put("key", value);
  let length = 0;
  let sum = 0;
  for await (const chunk of await env.KV.get("key", "stream")) {
    for (const byte of chunk) sum += byte;
    length += chunk.length;
  }
  print("length", length);
  print("sum", sum, value.reduce((a, b) => a + b, 0));
};
