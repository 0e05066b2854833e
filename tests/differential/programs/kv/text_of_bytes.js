// Bytes that are no UTF-8 read as text.
import { print } from "lines";

export default async (env) => {
  await env.KV.put("key", new Uint8Array([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x62]));
  await env.KV.put("marked", new Uint8Array([0xef, 0xbb, 0xbf, 0x61]));
  print("text", await env.KV.get("key"));
  print("byte order mark", await env.KV.get("marked"), (await env.KV.get("marked", "arrayBuffer")).byteLength);
};
