// Options of unusual types.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("key", "v");
  for (const options of [null, undefined, {}, { type: undefined }, { type: null }, { type: "" }, "", 5, true, []]) {
    await attempt(`get ${JSON.stringify(options)}`, () => env.KV.get("key", options));
  }
  for (const options of [null, undefined, {}, 5, "x"]) {
    await attempt(`put ${JSON.stringify(options)}`, () => env.KV.put("key", "v", options));
    await attempt(`list ${JSON.stringify(options)}`, async () => (await env.KV.list(options)).keys.length);
  }
};
