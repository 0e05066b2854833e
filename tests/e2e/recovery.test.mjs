// Point-in-time recovery: Durable Objects' storage goes back to a bookmark, over restarts and
// kill -9, and forward again.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ask } from "../support/requests.mjs";
import { lifetime, root, serve, temporaryFolder } from "../support/selvage.mjs";

const folder = join(root, "tests/tenants/recovery");
const limit = { timeout: 60_000 };

async function call(session, object, method, ...args) {
  const query = args.map((each) => `a=${encodeURIComponent(each)}`).join("&");
  const { text } = await ask(session.port, `/${object}/${method}?${query}`);
  return JSON.parse(text);
}

const written = (...texts) => ({ text: texts.at(-1) ?? null, log: texts, alarm: null });

describe("in one session", () => {
  const suite = lifetime();
  let started;
  const session = () => (started ??= serve(suite, folder, "--threads", "1"));

  test("an object goes back, and forward again", limit, async () => {
    const on = await session();
    const none = await call(on, "a", "bookmark");
    const one = await call(on, "a", "write", "one");
    const two = await call(on, "a", "write", "two");
    assert.ok(none < one && one < two);
    const undo = await call(on, "a", "schedule", one);
    assert.ok(two < undo);
    assert.deepEqual(await call(on, "a", "read"), written("one", "two"), "only the next session is another");
    assert.deepEqual(await call(on, "a", "abort"), { error: "restarting" });
    assert.deepEqual(await call(on, "a", "read"), written("one"));
    assert.ok(undo < (await call(on, "a", "bookmark")));
    await call(on, "a", "schedule", undo);
    await call(on, "a", "abort");
    assert.deepEqual(await call(on, "a", "read"), written("one", "two"));
    await call(on, "a", "schedule", none);
    await call(on, "a", "abort");
    assert.deepEqual(await call(on, "a", "read"), written());
  });

  test("a time leads to the state of that time", limit, async () => {
    const on = await session();
    const early = Date.now() - 1000;
    const one = await call(on, "b", "write", "one");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const between = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await call(on, "b", "write", "two");
    assert.equal(await call(on, "b", "at", between), one);
    await call(on, "b", "schedule", await call(on, "b", "at", early));
    await call(on, "b", "abort");
    assert.deepEqual(await call(on, "b", "read"), written());
    const month = 31 * 24 * 3600 * 1000;
    assert.match((await call(on, "b", "at", Date.now() - month)).error, /before what is kept/);
  });

  test("what was deleted comes back, with the alarm", limit, async () => {
    const on = await session();
    await call(on, "c", "write", "one");
    const set = await call(on, "c", "alarmIn", 3_600_000);
    const { alarm } = await call(on, "c", "read");
    assert.ok(alarm > Date.now());
    const cleared = await call(on, "c", "clear");
    assert.ok(set < cleared);
    await call(on, "c", "schedule", set);
    await call(on, "c", "abort");
    assert.deepEqual(await call(on, "c", "read"), { ...written("one"), alarm });
  });

  test("a bookmark is of whole turns", limit, async () => {
    const on = await session();
    const bookmark = await call(on, "d", "between");
    await call(on, "d", "write", "third");
    await call(on, "d", "schedule", bookmark);
    await call(on, "d", "abort");
    assert.equal((await call(on, "d", "read")).text, "second");
    assert.equal(typeof (await call(on, "d", "inTransaction")), "string");
  });

  test("others are answered while a large object goes back, and its own calls wait", limit, async () => {
    const on = await session();
    const one = await call(on, "large", "fill", 40, 1);
    await call(on, "large", "fill", 40, 2);
    await call(on, "large", "schedule", one);
    await call(on, "large", "abort");
    let waiting = true;
    const reads = [1, 2].map(() => call(on, "large", "read").then((read) => ((waiting = false), read.text)));
    let answers = 0;
    for (; waiting; ++answers) {
      assert.equal(JSON.parse((await ask(on.port, "/")).text), "here");
      await call(on, "small", "write", `${answers}`);
    }
    assert.ok(answers >= 3, `${answers} answers meanwhile`);
    assert.deepEqual(await Promise.all(reads), ["1", "1"]);
  });

  test("what is no bookmark of the object is refused", limit, async () => {
    const on = await session();
    const other = await call(on, "e", "write", "one");
    assert.match((await call(on, "f", "schedule", "nonsense")).error, /"nonsense" is not a bookmark of this Durable Object/);
    assert.match((await call(on, "f", "schedule", other)).error, /it is another object's/);
    const later = other.replace(/-[0-9a-f]{8}-/, "-00000fff-");
    assert.match((await call(on, "e", "schedule", later)).error, /no state that this Durable Object has had/);
  });
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`a restore that was asked for happens after ${signal}`, limit, async (t) => {
    const data = temporaryFolder(t);
    let session = await serve(t, folder, "--data", data);
    const again = async () => {
      const engines = session.children();
      session.child.kill(signal);
      if (signal === "SIGKILL") for (const pid of engines) process.kill(pid, signal);
      await session.exited;
      session = await serve(t, folder, "--data", data);
    };
    const one = await call(session, "a", "write", "one");
    await call(session, "a", "write", "two");
    const undo = await call(session, "a", "schedule", one);
    await again();
    assert.deepEqual(await call(session, "a", "read"), written("one"));
    // Once, and what was written since stays.
    await call(session, "a", "write", "three");
    await again();
    assert.deepEqual(await call(session, "a", "read"), written("one", "three"));
    await call(session, "a", "schedule", undo);
    await again();
    assert.deepEqual(await call(session, "a", "read"), written("one", "two"));
  });
}

test("a history that is damaged shows in the metrics; the object is whole", limit, async (t) => {
  const data = temporaryFolder(t);
  const settings = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(settings, '[operations]\nlisten = "127.0.0.1:0"\n');
  const start = () => serve(t, folder, "--data", data, "--settings", settings);
  let session = await start();
  const damaged = async () => {
    const [, port] = session.output.match(/metrics and health on port (\d+)/);
    return (await ask(port, "/metrics")).text.match(/^selvage_object_damaged_histories (\d+)$/m)[1];
  };
  await call(session, "a", "write", "one");
  assert.equal(await damaged(), "0");
  session.child.kill("SIGTERM");
  await session.exited;
  const objects = join(data, "state/objects/recovery-Note");
  const history = join(objects, readdirSync(objects).find((name) => name.endsWith(".history")));
  const bytes = readFileSync(history);
  bytes[20] ^= 1;
  writeFileSync(history, bytes);
  session = await start();
  assert.deepEqual(await call(session, "a", "read"), written("one"));
  await call(session, "a", "at", Date.now());
  assert.equal(await damaged(), "1");
  assert.match(session.output, /\.history: the head of the history does not match its checksum/);
});

test("without a retention there is no recovery, and no history on the disk", limit, async (t) => {
  const data = temporaryFolder(t);
  const settings = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(settings, "[limits.objects]\nhistory_seconds = 0\n");
  const session = await serve(t, folder, "--data", data, "--settings", settings);
  const one = await call(session, "a", "write", "one");
  assert.ok(one <= (await call(session, "a", "write", "two")));
  const error = "This Durable Object's storage back-end does not implement point-in-time recovery.";
  assert.deepEqual(await call(session, "a", "schedule", one), { error });
  assert.deepEqual(await call(session, "a", "at", Date.now()), { error });
  session.child.kill("SIGTERM");
  await session.exited;
  const objects = join(data, "state/objects/recovery-Note");
  assert.deepEqual(readdirSync(objects).map((name) => name.replace(/^[0-9a-f]{64}/, "")), [".sqlite"]);
});
