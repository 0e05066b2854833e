// What happens when things die.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isRunning, root, run, Session, temporaryFolder, until } from "./selvage.mjs";

function edgeApi(t) {
  const folder = temporaryFolder(t);
  for (const file of ["wrangler.toml", "src"]) {
    cpSync(join(root, "examples/edge-api", file), join(folder, file), { recursive: true });
  }
  return folder;
}

function worker(t, source) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "wrangler.toml"), `name = "w"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n`);
  writeFileSync(join(folder, "index.js"), source);
  return folder;
}

const serve = (t, folder, ...args) => new Session(t, ["serve", folder, "--port", "0", "--threads", "2", ...args]).ready();

describe("the engine's process", () => {
  const libraries = (session) => readFileSync(`/proc/${session.children()[0]}/maps`, "utf8");

  test("has our library before the C library's", async (t) => {
    const session = await serve(t, edgeApi(t));
    assert.match(libraries(session), /selvage_preload\.so/);
  });

  test("answers without it, too", async (t) => {
    // A name that the dynamic linker's list can't hold.
    const folder = temporaryFolder(t);
    const copy = join(folder, "selvage preload.so");
    cpSync(join(root, "build/release/engine/selvage_preload.so"), copy);
    const session = await new Session(t, ["serve", edgeApi(t), "--port", "0"], {
      env: { ...process.env, SELVAGE_PRELOAD: copy },
    }).ready();
    assert.doesNotMatch(libraries(session), /preload\.so/);
    assert.equal(await session.get("/"), "Hello from the edge 🚀");
  });
});

describe("an engine that is killed", () => {
  test("is started again, and what was stored is there", async (t) => {
    const session = await serve(t, edgeApi(t));
    assert.equal(await session.get("/visits"), "1");
    assert.equal(await session.get("/cached"), `{"message":"Fresh data"}`);
    const [engine] = session.children();
    process.kill(engine, "SIGKILL");
    await session.waitFor(/the engine was killed by SIGKILL/);
    // The listening sockets stayed open: this waits, and is not refused.
    assert.equal(await session.get("/visits"), "2");
    assert.equal(await session.get("/cached"), `{"message":"Fresh data"}`);
    assert.equal(await session.get("/counter"), "1");
    assert.notEqual(session.children()[0], engine);
  });

  test("refuses nobody who connects meanwhile", async (t) => {
    const session = await serve(t, edgeApi(t));
    await session.get("/");
    const [engine] = session.children();
    process.kill(engine, "SIGKILL");
    // A kill takes a moment, and who is let in within it dies with the engine.
    await until(() => !isRunning(engine), "the engine is dead");
    const answers = await Promise.all(Array.from({ length: 20 }, () => session.get("/")));
    assert.deepEqual(new Set(answers), new Set(["Hello from the edge 🚀"]));
  });

  test("again and again is started again and again", async (t) => {
    const session = await serve(t, edgeApi(t));
    for (let visit = 1; visit <= 4; ++visit) {
      assert.equal(await session.get("/visits"), String(visit));
      process.kill(session.children()[0], "SIGKILL");
      await session.waitFor(/the engine was killed/);
      await session.waitFor(/running again/);
    }
  });
});

describe("a supervisor that is killed", () => {
  test("takes its engine with it, and what was stored is there afterwards", async (t) => {
    const folder = edgeApi(t);
    const first = await serve(t, folder);
    assert.equal(await first.get("/visits"), "1");
    const [engine] = first.children();
    await first.stop("SIGKILL");
    await until(() => !isRunning(engine), "the engine is gone");
    const second = await serve(t, folder);
    assert.equal(await second.get("/visits"), "2");
  });
});

describe("a drain", () => {
  test("lets requests in flight finish", async (t) => {
    const session = await serve(t, worker(t, `
      export default { async fetch() { await scheduler.wait(400); return new Response("finished"); } };`));
    await session.get(); // warm
    const answer = session.get();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ended = session.stop("SIGTERM");
    assert.equal(await answer, "finished");
    assert.equal(await ended, 0);
  });

  test("ends in its time even when a script never does", async (t) => {
    const session = await serve(t, worker(t, `export default { fetch() { for (;;) ; } };`), "--drain-timeout", "300");
    const answer = session.get().catch(() => "cut");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [engine] = session.children();
    assert.equal(await session.stop("SIGTERM"), 0);
    assert.ok(!isRunning(engine));
    await answer;
  });
});

describe("a place that is taken", () => {
  test("a port says so and names the remedy", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    const { port } = other.address();
    const { status, stderr } = run(["serve", worker(t, "export default {}"), "--port", String(port)]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`port ${port} is taken: something else listens on 127\\.0\\.0\\.1:${port}`));
    assert.match(stderr, /--port/);
  });

  test("so does a data folder, with the process that uses it", async (t) => {
    const folder = edgeApi(t);
    const session = await serve(t, folder);
    const { status, stderr } = run(["serve", folder, "--port", "0"]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`\\(process ${session.child.pid}\\) is using`));
    const elsewhere = join(temporaryFolder(t), "data");
    mkdirSync(elsewhere);
    await serve(t, folder, "--data", elsewhere);
  });
});
