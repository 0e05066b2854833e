// Expirations that put() refuses.
import { attempt } from "lines";

const now = () => Math.floor(Date.now() / 1000);
const withoutTimes = (work) => async () => {
  try {
    return await work();
  } catch (error) {
    throw new (error.constructor)(error.message.replace(/\d{10,}/g, "TIME"));
  }
};

export default async (env) => {
  for (const expirationTtl of [0, -1, 59, "abc", NaN, null, 1.5, Infinity]) {
    await attempt(`ttl ${expirationTtl}`, withoutTimes(() => env.KV.put("key", "v", { expirationTtl })));
  }
  for (const [name, expiration] of Object.entries({ zero: 0, negative: -5, past: 1000, text: "abc" })) {
    await attempt(`expiration ${name}`, withoutTimes(() => env.KV.put("key", "v", { expiration })));
  }
  await attempt("now", withoutTimes(() => env.KV.put("key", "v", { expiration: now() })));
  await attempt("soon", withoutTimes(() => env.KV.put("key", "v", { expiration: now() + 30 })));
};
