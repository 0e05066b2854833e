// list() of a namespace without keys: which members the result has.
import { print } from "lines";

export default async (env) => {
  const result = await env.KV.list();
  print("result", result);
  print("own", Object.keys(result), "cursor" in result);
};
