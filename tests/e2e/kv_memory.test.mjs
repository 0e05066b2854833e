// Long values of Workers KV, many at once: neither uploads that are committed together nor readers
// that do not read add up to memory.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { project, residentMiB, resetPeak, peakMiB, serve, until } from "../support/selvage.mjs";

const source = `export default {
  async fetch(request, env) {
    const key = new URL(request.url).pathname.slice(1);
    if (request.method === "GET") return new Response(await env.KV.get(key, "stream"));
    await env.KV.put(key, request.body);
    return new Response("stored");
  },
};`;
const MANY = 16;
const SIZE = 25 << 20;
/** What connections and the pieces that the isolate has not freed yet take; all of the values are 400 MiB. */
const MOST_MIB = 200;

test("sixteen long values, uploaded and read at once, are not in memory together", { timeout: 120_000 }, async (t) => {
  const folder = project(t, { source, config: `[[kv_namespaces]]\nbinding = "KV"\nid = "kv"\n` });
  const session = await serve(t, folder, "--threads", "1");
  const keys = Array.from({ length: MANY }, (_, i) => `key${i}`);
  /** `all` resolves when the uploads may end. */
  const put = async (key, size, all = () => undefined) => {
    const piece = new Uint8Array(1 << 20).fill(key.charCodeAt(3));
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        if (sent >= size) {
          await all();
          return controller.close();
        }
        controller.enqueue(piece);
        sent += piece.length;
      },
    });
    assert.equal(await session.get(`/${key}`, { method: "PUT", body, duplex: "half" }), "stored");
  };
  await put("warm", 4 << 20);
  const engine = session.engine();

  resetPeak(engine);
  const before = residentMiB(engine);
  // All of them end together, and so are committed together.
  let sending = MANY;
  const allSent = Promise.withResolvers();
  const all = () => {
    if (--sending === 0) allSent.resolve();
    return allSent.promise;
  };
  await Promise.all(keys.map((key) => put(key, SIZE, all)));
  const uploads = peakMiB(engine) - before;
  t.diagnostic(`uploads: ${uploads.toFixed(0)} MiB above ${before.toFixed(0)} MiB`);
  assert.ok(uploads < MOST_MIB, `${uploads} MiB for uploads`);

  resetPeak(engine);
  const idle = residentMiB(engine);
  const answers = await Promise.all(
    keys.map((key) => new Promise((resolve, reject) => {
      http.get(`${session.url}/${key}`, { agent: false }, resolve).on("error", reject);
    })),
  );
  // Nobody has read a byte of the bodies. Memory of values that have been put away comes back.
  await until(() => residentMiB(engine) - idle < MOST_MIB, "the values are not in memory", 10);
  const readers = peakMiB(engine) - idle;
  t.diagnostic(`readers: ${readers.toFixed(0)} MiB above ${idle.toFixed(0)} MiB`);
  assert.ok(readers < MOST_MIB, `${readers} MiB for readers`);
  for (const [i, answer] of answers.entries()) {
    let total = 0;
    for await (const piece of answer) {
      assert.equal(piece[0], keys[i].charCodeAt(3));
      total += piece.length;
    }
    assert.equal(total, SIZE);
  }
});
