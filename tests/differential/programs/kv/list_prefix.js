// list() with prefixes.
import { print } from "lines";

export default async (env) => {
  for (const key of ["user:1", "user:2", "users", "User:3", "user", "us%er", "us_er", "usXer"]) await env.KV.put(key, "v");
  for (const prefix of ["user:", "user", "", "us%", "us_", "none", undefined, null]) {
    print(String(prefix), (await env.KV.list({ prefix })).keys.map(({ name }) => name));
  }
};
