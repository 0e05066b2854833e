// Keys keep their characters: slashes, spaces, percent signs, quotes, emoji, control characters.
import { print } from "lines";

export default async (env) => {
  const keys = ["a/b/c", "with space", "100%", "%2F", "a?b#c&d=e", "quote\"'`", "🙂", "\u0000nul", "tab\tline\n", "ä".normalize("NFD"), "ä".normalize("NFC"), "..a", "/", "//"];
  for (const [index, key] of keys.entries()) await env.KV.put(key, String(index));
  for (const key of keys) print(key, await env.KV.get(key));
  print("list", (await env.KV.list()).keys.map(({ name }) => name));
};
