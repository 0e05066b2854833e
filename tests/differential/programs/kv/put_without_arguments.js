// put() and get() with too few arguments.
import { attemptNow } from "lines";

export default async (env) => {
  await attemptNow("put()", () => env.KV.put());
  await attemptNow("put(key)", () => env.KV.put("key"));
  await attemptNow("get()", () => env.KV.get());
  await attemptNow("delete()", () => env.KV.delete());
  await attemptNow("getWithMetadata()", () => env.KV.getWithMetadata());
};
