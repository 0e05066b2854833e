// put() of a stream that fails: refused.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("key", "before");
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const failing = (async () => {
    await writer.write(new Uint8Array(10)).catch(() => {});
    await writer.abort(new Error("broken off")).catch(() => {});
  })();
  await attempt("put", () => env.KV.put("key", readable).then(() => "stored", () => "refused"));
  await failing;
};
