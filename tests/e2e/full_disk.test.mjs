// A disk that is really full, or read-only: a file system of the kernel's, small, of the test's own.
// Errors are answered, nothing that was acknowledged is lost, and it goes on when there is room.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, run, serve, temporaryFolder, until } from "../support/selvage.mjs";

const source = `
import { DurableObject } from "cloudflare:workers";
export class Box extends DurableObject {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const n = Number(searchParams.get("n"));
    if (pathname === "/life") return Response.json([(this.seen ??= []).at(-1) ?? null, await this.ctx.storage.get("n")]);
    if (pathname === "/leave") {
      (this.seen ??= []).push(n);
      const { storage } = this.ctx;
      const options = { allowUnconfirmed: searchParams.has("unconfirmed") };
      const writes = {
        put: () => storage.put("n", n, options),
        entries: () => storage.put({ n, m: n }, options),
        delete: () => storage.delete("n", options),
        deleteMany: () => storage.delete(["n", "m"], options),
        setAlarm: () => storage.setAlarm(Date.now() + 3_600_000, options),
      };
      writes[searchParams.get("with") ?? "put"]();
      return new Response("left");
    }
    if (pathname === "/put") {
      const value = crypto.getRandomValues(new Uint8Array(50_000));
      this.ctx.storage.put(\`value\${n % 8}\`, value);
      await this.ctx.storage.put("n", n);
    }
    return new Response(String((await this.ctx.storage.get("n")) ?? 0));
  }
  alarm() {}
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      if (pathname === "/kv/put") {
        await env.KV.put(searchParams.get("key"), new Uint8Array(200_000).fill(7));
        return new Response("written");
      }
      if (pathname === "/kv/get") return new Response(String((await env.KV.get(searchParams.get("key"), "arrayBuffer"))?.byteLength));
      return await env.BOX.getByName(searchParams.get("name")).fetch(request);
    } catch (error) {
      return new Response(error.message, { status: 500, headers: { marks: JSON.stringify({ ...error }) } });
    }
  },
};`;
const config = `
[[kv_namespaces]]
binding = "KV"
id = "full-disk"
[[durable_objects.bindings]]
name = "BOX"
class_name = "Box"
`;

/** Why there can be no file system of our own; undefined: there can. */
function obstacle() {
  if (process.getuid() !== 0) return "only root can mount a file system";
  const probe = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  return probe.status === 0 ? undefined : "this machine does not let root mount a file system";
}

function mount(t, size) {
  let folder;
  // Before the folder is removed, which is asked for next; a session that uses it may still run.
  t.after(() => spawnSync("umount", ["--lazy", folder]));
  folder = temporaryFolder(t);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { encoding: "utf8" });
  assert.equal(mounted.status, 0, mounted.stderr);
  return folder;
}

/** Takes all the room that is left. */
function fill(path) {
  const file = openSync(path, "a");
  try {
    for (let size = 1 << 20; size >= 512; size /= 2) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        assert.equal(error.code, "ENOSPC");
      }
    }
  } finally {
    closeSync(file);
  }
}

test("a full disk ends writes and nothing else, until there is room", { timeout: 120_000, skip: obstacle() }, async (t) => {
  const disk = mount(t, "96m");
  const data = join(disk, "data");
  const ballast = join(disk, "ballast");
  const folder = project(t, { source, config });
  let session = await serve(t, folder, "--data", data, "--threads", "1");
  const get = async (path) => await ask(session.port, path);
  const acknowledged = {};
  let n = 0;
  const put = async (name) => {
    const { status, text } = await get(`/put?name=${name}&n=${++n}`);
    if (status === 200) acknowledged[name] = n;
    return { status, text };
  };
  const holdsWhatWasAcknowledged = async () => {
    for (const [name, last] of Object.entries(acknowledged)) {
      const { status, text } = await get(`/get?name=${name}`);
      assert.equal(status, 200, `${name}: ${text}`);
      assert.ok(Number(text) >= last, `${name} holds ${text}, and ${last} was acknowledged`);
    }
  };

  assert.equal((await put("quiet")).status, 200);
  assert.equal((await get("/kv/put?key=before")).text, "written");
  fill(ballast);
  let refused;
  for (let tries = 0; tries < 1500 && refused === undefined; ++tries) {
    const answer = await put("loud");
    if (answer.status !== 200) refused = answer;
  }
  assert.equal(refused?.status, 500, "the disk is full");
  assert.match(refused.text, /No space left on device|cannot grow/);
  let kvRefused;
  for (let tries = 0; tries < 400 && kvRefused === undefined; ++tries) {
    const answer = await get(`/kv/put?key=k${tries}`);
    if (answer.status !== 200) kvRefused = answer;
  }
  assert.equal(kvRefused?.status, 500, "the disk is full for KV, too");
  assert.equal((await get("/get?name=quiet")).text, String(acknowledged.quiet), "what is there can be read");
  assert.equal((await get("/kv/get?key=before")).text, "200000");

  rmSync(ballast);
  const until = Date.now() + 20_000;
  while ((await put("loud")).status !== 200) assert.ok(Date.now() < until, "it goes on when there is room");
  while ((await get("/kv/put?key=after")).status !== 200) assert.ok(Date.now() < until, "KV goes on, too");
  await holdsWhatWasAcknowledged();

  // Full at its end, and full at its start.
  fill(ballast);
  await put("loud");
  session.child.kill("SIGTERM");
  await session.exited;
  rmSync(ballast);
  session = await serve(t, folder, "--data", data, "--threads", "1");
  await holdsWhatWasAcknowledged();
  assert.equal((await get("/kv/get?key=after")).text, "200000");
  assert.equal((await put("quiet")).status, 200);
});

// As on workerd, where the same program with SQLite on a full disk gives the same marks.
test("nothing leaves before a write that fails, unless it is allowed to; the object starts again", { timeout: 120_000, skip: obstacle() }, async (t) => {
  const disk = mount(t, "96m");
  const folder = project(t, { source, config });
  const session = await serve(t, folder, "--data", join(disk, "data"), "--threads", "1");
  const life = async () => JSON.parse((await ask(session.port, "/life?name=gated")).text);
  assert.equal((await ask(session.port, "/leave?name=gated&n=1")).text, "left");
  assert.deepEqual(await life(), [1, 1]);
  fill(join(disk, "ballast"));
  let n = 1;
  for (let full = false; !full; ) full = (await ask(session.port, `/put?name=loud&n=${++n}`)).status !== 200;

  const writes = ["put", "entries", "delete", "deleteMany", "setAlarm"];
  for (const write of writes) {
    const answer = await fetch(`${session.url}/leave?name=gated&n=2&with=${write}`);
    assert.equal(answer.status, 500, write);
    assert.match(await answer.text(), /No space left on device/);
    assert.deepEqual(JSON.parse(answer.headers.get("marks")), { remote: true, durableObjectReset: true });
    assert.deepEqual(await life(), [null, 1], "a new object, with what was durable");
  }
  // The answer does not wait, the object cannot go on all the same.
  for (const write of writes) {
    assert.equal((await ask(session.port, `/leave?name=gated&n=4&unconfirmed&with=${write}`)).text, "left", write);
    await until(async () => JSON.stringify(await life().catch(() => null)) === "[null,1]", "it has started again", 10);
  }

  rmSync(join(disk, "ballast"));
  await until(async () => (await ask(session.port, "/leave?name=gated&n=5")).status === 200, "it goes on", 20);
  assert.deepEqual(await life(), [5, 5]);
});

test("a data folder that cannot be written to is said", { timeout: 60_000, skip: obstacle() }, async (t) => {
  const disk = mount(t, "96m");
  const data = join(disk, "data");
  mkdirSync(data);
  const folder = project(t, { source, config });
  let session = await serve(t, folder, "--data", data);
  assert.equal((await ask(session.port, "/put?name=a&n=1")).text, "1");
  session.child.kill("SIGTERM");
  await session.exited;
  const remount = (mode) => assert.equal(spawnSync("mount", ["-o", `remount,${mode}`, disk]).status, 0);
  remount("ro");
  const refused = run(["serve", folder, "--port", "0", "--data", data]);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr + refused.stdout, new RegExp(`${data}[^\\n]*Read-only file system`));
  remount("rw");
  session = await serve(t, folder, "--data", data);
  assert.equal((await ask(session.port, "/get?name=a")).text, "1");
});
