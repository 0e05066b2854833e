// SIGTERM while KV is written as fast as it goes: the engine finishes what it has begun, ends soon,
// and every write that was acknowledged is there afterwards.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { project, serve, temporaryFolder } from "../support/selvage.mjs";

const source = `export default {
  async fetch(request, env) {
    const key = new URL(request.url).pathname.slice(1);
    if (request.method === "GET") return new Response(await env.KV.get(key));
    await env.KV.put(key, "x".repeat(1024) + key);
    return new Response("stored");
  },
};`;

test("acknowledged writes survive SIGTERM under load, and the engine ends at once", { timeout: 120_000 }, async (t) => {
  const folder = project(t, { source, config: `[[kv_namespaces]]\nbinding = "KV"\nid = "kv"\n` });
  const data = temporaryFolder(t);
  const session = await serve(t, folder, "--data", data);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  t.after(() => agent.destroy());
  const acknowledged = [];
  let next = 0;
  let over = false;
  const put = (key) =>
    new Promise((resolve) => {
      const request = http.request({ port: session.port, agent, method: "PUT", path: `/${key}` }, (response) => {
        let text = "";
        response.on("data", (more) => (text += more)).on("end", () => resolve(text === "stored")).on("error", () => resolve(false));
      });
      request.on("error", () => resolve(false));
      request.end();
    });
  const writer = async () => {
    while (!over) {
      const key = `key-${next++}`;
      if (await put(key)) acknowledged.push(key);
      else over = true;
      if (acknowledged.length === 2000) {
        began = performance.now();
        session.child.kill("SIGTERM");
      }
    }
  };
  let began = 0;
  await Promise.all(Array.from({ length: 64 }, writer));
  assert.equal(await session.exited, 0);
  // The drain time-out is 10 s; a drain that waited for idle connections would take that long.
  assert.ok(performance.now() - began < 8000, `${performance.now() - began} ms`);
  assert.ok(acknowledged.length >= 2000);

  const again = await serve(t, folder, "--data", data);
  for (let i = 0; i < acknowledged.length; i += 50) {
    await Promise.all(acknowledged.slice(i, i + 50).map(async (key) => assert.equal(await again.get(`/${key}`), "x".repeat(1024) + key)));
  }
});
