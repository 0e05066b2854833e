// What a namespace is as an object.
import { print } from "lines";

export default async (env) => {
  print("tag", Object.prototype.toString.call(env.KV), env.KV.constructor.name);
  print("own", Object.keys(env.KV), JSON.stringify(env.KV));
  print("methods", ["get", "getWithMetadata", "put", "delete", "list"].map((name) => typeof env.KV[name]));
  print("lengths", ["get", "getWithMetadata", "put", "delete", "list"].map((name) => env.KV[name].length));
  const { get } = env.KV;
  try {
    await get("key");
  } catch (error) {
    print("without this", error.name);
  }
};
