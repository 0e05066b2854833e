// Durable Objects' alarms ring at least once, whatever happens to the process in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, serve, temporaryFolder, until } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };

const source = `
export class Clock {
  constructor(ctx) {
    this.ctx = ctx;
    this.storage = ctx.storage;
  }
  async fetch(request) {
    const query = new URL(request.url).searchParams;
    switch (new URL(request.url).pathname) {
      case "/set":
        await this.storage.put("failures", Number(query.get("failures") ?? 0));
        await this.storage.setAlarm(Date.now() + Number(query.get("in")));
        return Response.json("set");
      case "/rung":
        return Response.json({ rung: (await this.storage.get("rung")) ?? [], alarm: await this.storage.getAlarm() });
      case "/delete_all":
        await this.storage.setAlarm(Date.now() + 1e6);
        await this.storage.deleteAll();
        return Response.json(await this.storage.getAlarm());
    }
  }
  async alarm({ retryCount, isRetry, scheduledTime }) {
    const rung = (await this.storage.get("rung")) ?? [];
    rung.push({ retryCount, isRetry, late: Date.now() - scheduledTime, name: this.ctx.id.name ?? null });
    await this.storage.put("rung", rung);
    const failures = await this.storage.get("failures");
    if (failures > 0) {
      await this.storage.put("failures", failures - 1);
      throw new Error("the handler fails on purpose");
    }
  }
}
export default {
  fetch: (request, env) => env.CLOCK.getByName(new URL(request.url).searchParams.get("name")).fetch(request),
};`;

const config = `
[[durable_objects.bindings]]
name = "CLOCK"
class_name = "Clock"
`;

const names = Array.from({ length: 20 }, (_, i) => `clock ${i}`);
const get = async (session, path, name) => JSON.parse((await ask(session.port, `${path}${path.includes("?") ? "&" : "?"}name=${encodeURIComponent(name)}`)).text);
const set = (session, ms) => Promise.all(names.map((name) => get(session, `/set?in=${ms}`, name)));

async function allHaveRung(session) {
  await until(async () => {
    const states = await Promise.all(names.map((name) => get(session, "/rung", name)));
    return states.every(({ rung, alarm }) => rung.length > 0 && alarm === null);
  }, "every alarm has rung");
  for (const name of names) {
    const { rung } = await get(session, "/rung", name);
    assert.equal(rung.length, 1);
    assert.equal(rung[0].name, name);
    assert.ok(rung[0].late >= 0, `too early: ${rung[0].late}`);
  }
}

test("on two threads: every alarm rings once", limit, async (t) => {
  const session = await serve(t, project(t, { source, config }), "--threads", "2");
  await set(session, 50);
  await allHaveRung(session);
});

test("alarms survive kill -9, and ring although nobody asks for their objects", limit, async (t) => {
  const session = await serve(t, project(t, { source, config }));
  await set(session, 700);
  await session.killEngine();
  await allHaveRung(session);
});

test("what was due while nothing ran rings at the next start", limit, async (t) => {
  const folder = project(t, { source, config });
  const data = temporaryFolder(t);
  for (const ending of ["SIGTERM", "SIGKILL"]) {
    const session = await serve(t, folder, "--data", data);
    await set(session, 200);
    await session.stop(ending);
    const next = await serve(t, folder, "--data", data, "--threads", "2");
    await until(async () => {
      const states = await Promise.all(names.map((name) => get(next, "/rung", name)));
      return states.every(({ rung, alarm }) => rung.length === (ending === "SIGTERM" ? 1 : 2) && alarm === null);
    }, `every alarm has rung after ${ending}`);
    await next.stop();
  }
});

test("a handler that fails runs again, and knows it", limit, async (t) => {
  const session = await serve(t, project(t, { source, config }));
  await get(session, "/set?in=1&failures=1", "failing");
  await until(async () => (await get(session, "/rung", "failing")).rung.length === 1, "the first try");
  const { alarm } = await get(session, "/rung", "failing");
  assert.equal(typeof alarm, "number", "the alarm is still there");
  await until(async () => (await get(session, "/rung", "failing")).rung.length === 2, "the second try");
  const { rung } = await get(session, "/rung", "failing");
  assert.deepEqual(rung.map(({ retryCount, isRetry }) => [retryCount, isRetry]), [[0, false], [1, true]]);
  assert.ok(rung[1].late >= 2000, `after ${rung[1].late} ms`);
  await until(async () => (await get(session, "/rung", "failing")).alarm === null, "the alarm is gone");
});

for (const [date, flags, kept] of [["2026-01-01", "", true], ["2026-03-01", "", false], ["2026-01-01", '"delete_all_deletes_alarm"', false], ["2026-03-01", '"delete_all_preserves_alarm"', true]]) {
  test(`deleteAll() on ${date} with [${flags}] ${kept ? "keeps" : "deletes"} the alarm`, limit, async (t) => {
    const folder = project(t, {
      source,
      files: { "wrangler.toml": `name = "w"\nmain = "index.js"\ncompatibility_date = "${date}"\ncompatibility_flags = [${flags}]\n${config}` },
    });
    const session = await serve(t, folder);
    assert.equal(typeof (await get(session, "/delete_all", "x")), kept ? "number" : "object");
  });
}
