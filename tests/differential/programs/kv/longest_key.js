// A key of 512 bytes is stored; what counts is bytes of UTF-8.
import { print } from "lines";

export default async (env) => {
  const ascii = "k".repeat(512);
  const wide = "€".repeat(170) + "ab";
  await env.KV.put(ascii, "ascii");
  await env.KV.put(wide, "wide");
  print("ascii", await env.KV.get(ascii));
  print("wide", await env.KV.get(wide));
  print("list", (await env.KV.list()).keys.map(({ name }) => name.length));
};
