// The programs of the founding article (examples/edge-api), as its reader meets them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root, serve, temporaryFolder, until } from "../support/selvage.mjs";

const edgeApi = join(root, "examples/edge-api");
const fresh = `{"message":"Fresh data"}`;

test("/ says hello", async (t) => {
  const session = await serve(t, edgeApi);
  const response = await fetch(`${session.url}/`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain;charset=UTF-8");
  assert.equal(await response.text(), "Hello from the edge 🚀");
});

test("/elsewhere is not found", async (t) => {
  const session = await serve(t, edgeApi);
  assert.equal((await fetch(`${session.url}/elsewhere`)).status, 404);
});

test("/cached misses, then hits, and hits after a restart", async (t) => {
  const data = temporaryFolder(t);
  const session = await serve(t, edgeApi, "--data", data);
  for (let i = 0; i < 3; ++i) {
    const response = await fetch(`${session.url}/cached`);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(await response.text(), fresh);
  }
  assert.equal(await session.stop(), 0);

  // The same data, read by a worker that never writes: it answers from what the first one stored.
  const again = await serve(t, join(root, "tests/tenants/kv-reader"), "--data", data);
  assert.equal(await again.get("/homepage_data"), fresh);
  assert.equal(await again.get("/another"), "null");
});

test("/counter counts in memory: from 1 again after a restart", async (t) => {
  const data = temporaryFolder(t);
  const session = await serve(t, edgeApi, "--data", data);
  for (const expected of ["1", "2", "3"]) assert.equal(await session.get("/counter"), expected);
  assert.equal(await session.stop(), 0);
  const again = await serve(t, edgeApi, "--data", data);
  assert.equal(await again.get("/counter"), "1");
});

test("/visits are stored: they go on after a restart", async (t) => {
  const data = temporaryFolder(t);
  const session = await serve(t, edgeApi, "--data", data);
  for (const expected of ["1", "2", "3"]) assert.equal(await session.get("/visits"), expected);
  assert.equal(await session.stop(), 0);
  const again = await serve(t, edgeApi, "--data", data);
  assert.equal(await again.get("/visits"), "4");
});

for (const path of ["/counter", "/visits"]) {
  test(`${path}: many clients count together`, async (t) => {
    const session = await serve(t, edgeApi, "--threads", "2");
    const counts = await Promise.all(Array.from({ length: 100 }, () => session.get(path)));
    assert.deepEqual(
      counts.map(Number).sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });
}

describe("kill -9 of the engine", () => {
  test("loses what was in memory and nothing that was stored", async (t) => {
    const session = await serve(t, edgeApi);
    assert.equal(await session.get("/cached"), fresh);
    for (const expected of ["1", "2"]) assert.equal(await session.get("/visits"), expected);
    for (const expected of ["1", "2"]) assert.equal(await session.get("/counter"), expected);
    const before = await session.killEngine();
    assert.notEqual(session.engine(), before);
    assert.equal(await session.get("/visits"), "3");
    assert.equal(await session.get("/counter"), "1");
    assert.equal(await session.get("/cached"), fresh);
  });

  test("keeps the listening socket open: connections wait and are answered", async (t) => {
    const session = await serve(t, edgeApi);
    await session.get("/");
    process.kill(session.engine(), "SIGKILL");
    // Connected before the supervisor has even heard of it, and all through the restart.
    const answers = [];
    let refused = 0;
    await until(async () => {
      const socket = connect(session.port, "127.0.0.1");
      try {
        await once(socket, "connect");
      } catch {
        ++refused;
        return false;
      }
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      answers.push(socket.setEncoding("utf8").reduce((text, chunk) => text + chunk, ""));
      return /running again/.test(session.output);
    }, "the engine is back");
    assert.equal(refused, 0);
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Hello from the edge/);
  });
});
