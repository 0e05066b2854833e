// Limits that list() takes and refuses.
import { attempt } from "lines";

export default async (env) => {
  for (let i = 0; i < 3; ++i) await env.KV.put(`k${i}`, "v");
  for (const limit of [1, 1000, 1001, 0, -1, 1.5, "2", "abc", null, undefined, NaN]) {
    await attempt(`limit ${limit}`, async () => {
      const { keys, list_complete } = await env.KV.list({ limit });
      return [keys.length, list_complete];
    });
  }
};
