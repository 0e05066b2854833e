// `selvage backup` and `selvage restore`: a data folder copied while an engine writes to it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project, run, serve, temporaryFolder } from "./selvage.mjs";

const source = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async add() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t(n INTEGER)");
    this.ctx.storage.sql.exec("INSERT INTO t VALUES(?)", count);
    await this.ctx.storage.put("count", count);
    return count;
  }
  async read() {
    const rows = this.ctx.storage.sql.exec("SELECT count(*) AS n FROM t").one().n;
    return { count: await this.ctx.storage.get("count"), rows };
  }
  async wakeAt(time) { await this.ctx.storage.setAlarm(time); }
  async alarm() { await this.env.KV.put("rang", String(this.ctx.id)); }
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const counter = env.COUNTER.getByName(searchParams.get("name") ?? "a");
    if (pathname === "/add") {
      const count = await counter.add();
      await env.KV.put("count", String(count));
      return new Response(String(count));
    }
    if (pathname === "/wake") return new Response(String(await counter.wakeAt(Number(searchParams.get("at")))));
    if (pathname === "/read") return Response.json({ ...(await counter.read()), kv: await env.KV.get("count"), rang: await env.KV.get("rang") });
  },
};`;
const config = `
[[kv_namespaces]]
binding = "KV"
id = "kv"
[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Counter"]
`;

test("a backup made under load is a data folder that runs", async (t) => {
  const folder = project(t, { source, config });
  const data = join(temporaryFolder(t), "data");
  const away = temporaryFolder(t);
  const backup = join(away, "backup");
  const session = await serve(t, folder, "--data", data);
  const at = Date.now() + 8_000;
  assert.equal(await session.get(`/wake?name=sleeper&at=${at}`), "undefined");
  for (let i = 0; i < 20; ++i) await session.get(`/add?name=${i % 5}`);
  const before = Number(await session.get("/add"));

  let writing = true;
  const load = (async () => {
    while (writing) await session.get("/add");
  })();
  const made = run(["backup", backup, "--data", data, "--json"]);
  writing = false;
  await load;
  assert.equal(made.status, 0, made.stderr);
  const report = JSON.parse(made.stdout);
  assert.equal(report.objects, 7);
  assert.equal(statSync(backup).mode & 0o777, 0o700);
  assert.ok(!existsSync(join(backup, "lock")) && !existsSync(join(backup, "cache")));
  const after = JSON.parse(await session.get("/read")).count;
  await session.stop();

  const again = run(["backup", backup, "--data", data]);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /is there already/);

  const restored = join(away, "restored");
  assert.match(run(["restore", backup, "--data", restored]).stdout, /Restored to .*restored: \d+ files, 7 of them Durable Objects/);
  const second = await serve(t, folder, "--data", restored);
  const read = JSON.parse(await second.get("/read"));
  assert.ok(read.count >= before && read.count <= after, `${before} <= ${read.count} <= ${after}`);
  assert.equal(read.rows, read.count, "an object is as of one commit");
  assert.ok(Number(read.kv) >= before && Number(read.kv) <= after);
  assert.equal(Number(await second.get("/add")), read.count + 1);
  // The alarm, too: nobody calls the object.
  for (let i = 0; i < 300 && !JSON.parse(await second.get("/read")).rang; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(JSON.parse(await second.get("/read")).rang, /^[0-9a-f]{64}$/);
});

test("damage is found before anything is restored", async (t) => {
  const folder = project(t, { source, config });
  const data = join(temporaryFolder(t), "data");
  const away = temporaryFolder(t);
  const session = await serve(t, folder, "--data", data);
  await session.get("/add");
  await session.stop();
  assert.equal(run(["backup", join(away, "b"), "--data", data]).status, 0);
  const objects = join(away, "b/state/objects");
  const space = join(objects, readdirSync(objects).find((name) => !name.startsWith("alarms")));
  const file = join(space, readdirSync(space)[0]);
  const bytes = readFileSync(file);
  bytes[5000] ^= 1;
  writeFileSync(file, bytes);
  const { status, stderr } = run(["restore", join(away, "b"), "--data", join(away, "r")]);
  assert.equal(status, 1);
  assert.match(stderr, /\.sqlite is not what was backed up\n.*nothing was restored/);
  assert.deepEqual(readdirSync(away), ["b"]);
});

test("nothing that exists is overwritten, and nothing else is a backup", (t) => {
  const away = temporaryFolder(t);
  assert.match(run(["backup", join(away, "b"), "--data", join(away, "nothing")]).stderr, /there is no state in/);
  assert.match(run(["restore", away, "--data", join(away, "r")]).stderr, /is no backup: it has no backup\.json/);
  writeFileSync(join(away, "backup.json"), JSON.stringify({ format: 1, files: [{ path: "../x", bytes: 1, hash: "" }] }));
  assert.match(run(["restore", away, "--data", join(away, "r")]).stderr, /names the file \.\.\/x/);
  writeFileSync(join(away, "backup.json"), JSON.stringify({ format: 1, files: [] }));
  const data = temporaryFolder(t);
  writeFileSync(join(data, "precious"), "1");
  assert.match(run(["restore", away, "--data", data]).stderr, /is there already\n.*--data/);
  writeFileSync(join(away, "backup.json"), JSON.stringify({ format: 99, files: [] }));
  assert.match(run(["restore", away, "--data", join(away, "r")]).stderr, /of another version of Selvage/);
});
