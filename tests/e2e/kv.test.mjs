// Workers KV through a worker: sizes, streams, limits that are settings.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { lifetime, project, serve } from "./selvage.mjs";

const source = `
const said = async (work) => { try { return await work(); } catch (error) { return error.name + ": " + error.message; } };
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const key = url.searchParams.get("key");
  const type = url.searchParams.get("type");
  switch (url.pathname) {
    case "/put": return new Response(String(await said(() => env.KV.put(key, request.body))));
    case "/put-text": return new Response(String(await said(async () => env.KV.put(key, await request.text()))));
    case "/get": return new Response(await env.KV.get(key, "stream"));
    case "/pieces": {
      let count = 0, largest = 0, total = 0;
      for await (const piece of await env.KV.get(key, "stream")) {
        ++count; total += piece.length; largest = Math.max(largest, piece.length);
      }
      return Response.json({ count, largest, total });
    }
    case "/own": {
      await env.KV.put("own", key);
      return new Response(await env.KV.get("own"));
    }
    case "/many": {
      let done = 0;
      const end = await said(async () => { for (;; ++done) await env.KV.get("x"); });
      return Response.json([done, end]);
    }
    case "/endless": {
      let sent = 0, canceled = false;
      const stream = new ReadableStream({
        pull(c) { c.enqueue(new Uint8Array(1 << 20)); sent += 1; },
        cancel() { canceled = true; },
      });
      const end = await said(() => env.KV.put("endless", stream));
      return Response.json([end, canceled, sent < 40]);
    }
  }
} };`;
const config = `[[kv_namespaces]]\nbinding = "KV"\nid = "kv"\n`;
const large = 25 * 1024 * 1024;

describe("values", () => {
  const suite = lifetime();
  let session;
  before(async () => {
    session = await serve(suite, project(suite, { source, config }), "--threads", "1");
  });
  const put = (key, body) => session.get(`/put?key=${encodeURIComponent(key)}`, { method: "POST", body });

  for (const size of [16, 1024, 65_536, 65_537, 1_048_577, large]) {
    test(`${size} bytes come back as they were`, async () => {
      const bytes = Buffer.alloc(size, "0123456789abcdefghijklmnopqrstuvwxyz\u00ff");
      assert.equal(await put(`size${size}`, bytes), "undefined");
      const response = await fetch(`${session.url}/get?key=size${size}`);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
    });
  }

  test("a byte more than 25 MiB is refused, and nothing is kept", async () => {
    const words = await put("too-long", Buffer.alloc(large + 1));
    assert.match(words, /^Error: KV PUT failed: 413 Value length of \d+ exceeds limit of 26214400\.$/);
    assert.equal(await session.get("/put-text?key=empty", { method: "POST", body: "" }), "undefined");
    assert.equal((await fetch(`${session.url}/get?key=too-long`)).headers.get("content-length"), "0");
  });

  test("a stream without an end is refused at the limit, and canceled", async () => {
    const [words, canceled, soon] = await (await fetch(`${session.url}/endless`)).json();
    assert.match(words, /413 Value length of \d+ exceeds limit/);
    assert.deepEqual([canceled, soon], [true, true]);
  });

  test("a large value comes as a stream of pieces", async () => {
    await put("pieces", Buffer.alloc(4 << 20));
    const { count, largest, total } = await (await fetch(`${session.url}/pieces?key=pieces`)).json();
    assert.equal(total, 4 << 20);
    assert.ok(largest <= 256 * 1024, `${largest}`);
    assert.ok(count >= 16, `${count}`);
  });

  test("a key of 512 bytes of UTF-8 is one", async () => {
    const key = "\u00e9".repeat(256);
    assert.equal(await put(key, "x"), "undefined");
    assert.equal(await session.get(`/get?key=${encodeURIComponent(key)}`), "x");
  });

  test("what was written is read at once", async () => {
    for (let i = 0; i < 20; ++i) assert.equal(await session.get(`/own?key=${i}`), String(i));
  });

  test("an invocation has 1000 operations", async () => {
    const [done, end] = await (await fetch(`${session.url}/many`)).json();
    assert.equal(done, 1000);
    assert.equal(end, "Error: Too many API requests by single worker invocation.");
  });
});

test("limits are settings of selvage.toml", async (t) => {
  const folder = project(t, { source, config });
  const settings = join(folder, "selvage.toml");
  writeFileSync(settings, "[limits.kv]\nmax_key_bytes = 4\nmax_value_bytes = 10\nmax_operations = 3\n");
  const session = await serve(t, folder, "--threads", "1", "--settings", settings);
  const put = (key, body) => session.get(`/put-text?key=${key}`, { method: "POST", body });
  assert.match(await put("12345", "x"), /414 UTF-8 encoded length of 5 exceeds key length limit of 4\./);
  assert.match(await put("1234", "x".repeat(11)), /413 Value length of 11 exceeds limit of 10\./);
  assert.equal(await put("1234", "x".repeat(10)), "undefined");
  assert.equal((await (await fetch(`${session.url}/many`)).json())[0], 3);
});
