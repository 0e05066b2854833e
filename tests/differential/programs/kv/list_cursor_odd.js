// Cursors that list() did not give.
import { attempt } from "lines";

export default async (env) => {
  await env.KV.put("a", "v");
  await env.KV.put("b", "v");
  for (const cursor of ["", null, undefined]) {
    await attempt(`cursor ${JSON.stringify(cursor)}`, async () => (await env.KV.list({ cursor })).keys.map(({ name }) => name));
  }
};
