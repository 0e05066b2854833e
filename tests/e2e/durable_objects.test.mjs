// Durable Objects keep their rules, on one thread and across two.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { Origin } from "../support/origin.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, root, serve, temporaryFolder, until } from "../support/selvage.mjs";

const folder = join(root, "tests/tenants/objects");
const limit = { timeout: 30_000 };

function caller(session) {
  /** What the object (or the worker) says, parsed. */
  return async (path, options) => {
    const { text } = await ask(session().port, path, options);
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
}

describe("ids", () => {
  const suite = lifetime();
  let session, miniflare;
  const get = caller(() => session);
  before(async () => {
    session = await serve(suite, folder, "--threads", "1");
    miniflare = new Miniflare({
      name: "objects", modules: true, script: readFileSync(join(folder, "index.js"), "utf8"), compatibilityDate: "2026-01-01",
      durableObjects: { OBJECT: "Thing", OTHER: "Other", PREPARED: "Prepared", FAILING: "Failing" },
    });
    suite.after(() => miniflare.dispose());
    await miniflare.ready;
  });

  for (const name of ["global", "", "ä 🚀", "x".repeat(1024), "x".repeat(2000)]) {
    test(`of a name of ${name.length} characters: always the same, of this class, and of this installation`, limit, async () => {
      const path = `/ids?name=${encodeURIComponent(name)}`;
      const ours = await get(path);
      const theirs = await (await miniflare.dispatchFetch(`http://localhost${path}`)).json();
      for (const which of ["parsed", "name"]) assert.equal(ours[which], theirs[which], which);
      assert.match(ours.named, /^[0-9a-f]{64}$/);
      assert.equal(ours.named, ours.again);
      assert.notEqual(ours.named, ours.other);
      assert.notEqual(ours.unique[0], ours.unique[1]);
      for (const id of [ours.named, ...ours.unique]) assert.equal(await get(`/foreign?id=${id}`), "accepted");
      // Another installation's are none: it has another key.
      for (const id of [theirs.named, ...theirs.unique]) assert.match(await get(`/foreign?id=${id}`), /not valid for this namespace/);
    });
  }

  test("an object forgets its name beyond 1024 bytes, not characters", limit, async () => {
    for (const [name, known] of [["ä".repeat(512), true], ["ä".repeat(513), false], ["🚀".repeat(256), true], ["🚀".repeat(257), false]]) {
      const path = `/object/identity?name=${encodeURIComponent(name)}`;
      const ours = await get(path);
      assert.equal(ours.name, known ? name : null);
      assert.equal((await (await miniflare.dispatchFetch(`http://localhost${path}`)).json()).name, ours.name);
    }
  });

  test("jurisdictions are in the id, and kept apart", limit, async () => {
    assert.deepEqual(await get("/jurisdictions"), {
      of: [null, "eu", "eu", "fedramp"],
      parsed: "eu",
      differ: true,
      same: true,
      elsewhere: "TypeError: get called on jurisdictional subnamespace with an ID from a different jurisdiction",
      parsed_elsewhere: "TypeError: idFromString called on jurisdictional subnamespace with an ID from a different jurisdiction",
      other: "TypeError: newUniqueId called on jurisdictional subnamespace with a different jurisdiction",
      unknown: 'TypeError: Invalid jurisdiction "moon". Possible values are: eu, fedramp, fedramp-high, us.',
      routing: "RangeError: unknown routingMode: secondary",
      hint: "accepted",
    });
  });

  test("equals() wants an id", limit, async () => {
    const ours = await get("/equals");
    assert.equal(ours, await (await miniflare.dispatchFetch("http://localhost/equals")).json());
  });

  for (const id of ["", "zz", "f".repeat(64), "0".repeat(63)]) {
    test(`${JSON.stringify(id)} is none, and the error is workerd's`, limit, async () => {
      const path = id === "" ? "/foreign" : `/foreign?id=${id}`;
      const ours = await get(path);
      assert.equal(ours, await (await miniflare.dispatchFetch(`http://localhost${path}`)).json());
      assert.match(ours, /^TypeError: /);
    });
  }

  for (const path of [
    "many", "types", "identity?name=n", `identity?name=${"x".repeat(1024)}`, `identity?name=${"x".repeat(1025)}`,
    "transaction?how=throw", "transaction?how=rollback", "transaction?how=commit",
    "throw", "block_throw", "abort",
  ]) {
    test(`${path.slice(0, 40)}: as workerd answers`, limit, async () => {
      const theirs = await (await miniflare.dispatchFetch(`http://localhost/object/${path}`)).json();
      const ours = await get(`/object/${path}`);
      if (path.startsWith("identity")) ours.id = theirs.id; // made with another key
      assert.deepEqual(ours, theirs);
    });
  }

  const lists = [
    {}, { prefix: "b" }, { start: "b" }, { startAfter: "b" }, { end: "b:2" }, { start: "b", end: "c" }, { limit: 2 }, { reverse: true },
    { reverse: true, limit: 2 }, { reverse: true, start: "b:1" }, { reverse: true, startAfter: "a", limit: 1 }, { reverse: true, end: "c", limit: 1 },
    { prefix: "b", start: "b:2" }, { prefix: "b", end: "a" }, { prefix: "zzz" }, { start: "c", end: "b" }, { prefix: "" }, { start: "ä" },
  ];
  test("list(), with every option: as workerd answers", limit, async () => {
    await get("/object/fill?name=list");
    await (await miniflare.dispatchFetch("http://localhost/object/fill?name=list")).text();
    for (const options of lists) {
      const path = `/object/list?name=list&options=${encodeURIComponent(JSON.stringify(options))}`;
      const theirs = await (await miniflare.dispatchFetch(`http://localhost${path}`)).json();
      assert.deepEqual(await get(path), theirs, JSON.stringify(options));
    }
  });

  test("what storage refuses: with workerd's errors", limit, async () => {
    const ours = await get("/object/refuse");
    const theirs = await (await miniflare.dispatchFetch("http://localhost/object/refuse")).json();
    // What V8 says of a function depends on how the bundler wrote it.
    const comparable = (said) => said.map((each) => each.replace(/ \{\s*\}/, " {}"));
    assert.deepEqual(comparable(ours), comparable(theirs));
  });
});

for (const threads of ["1", "2"]) {
  describe(`with ${threads} thread(s)`, () => {
    const suite = lifetime();
    let session;
    const get = caller(() => session);
    before(async () => {
      session = await serve(suite, folder, "--threads", threads, "--object-idle", "1000", "--allow-private-network");
    });
    const names = ["one", "two", "three", "four", "five", "six"]; // enough for both threads

    test("an id leads to one object, a name to that id", limit, async () => {
      for (const name of names) {
        const born = await get(`/object/born?name=${name}`);
        const { id, name: known } = await get(`/object/identity?name=${name}`);
        assert.equal(known, name);
        assert.equal(await get(`/object/born?id=${id}`), born);
      }
    });

    test("objects know nothing of each other, nor of another class's", limit, async () => {
      for (const name of names) await get(`/object/put?name=${name}&key=k&value="${name}"`);
      for (const name of names) {
        assert.equal(await get(`/object/get?name=${name}&key=k`), name);
        assert.equal(await get(`/other/get?name=${name}&key=k`), null);
      }
      const born = await Promise.all(names.map((name) => get(`/object/born?name=${name}`)));
      assert.equal(new Set(born).size, names.length);
    });

    test("read, await storage, write: no increment is lost", limit, async () => {
      for (const name of ["i1", "i2", "i3"]) {
        const answers = await Promise.all(Array.from({ length: 100 }, () => get(`/object/increment?name=${name}`)));
        assert.deepEqual(answers.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1));
        assert.equal(await get(`/object/count?name=${name}`), 100);
      }
    });

    test("calls of one request arrive in their order", limit, async () => {
      for (const name of ["b1", "b2", "b3"]) {
        assert.deepEqual(await get(`/burst/increment?name=${name}`), Array.from({ length: 50 }, (_, i) => i + 1));
      }
    });

    test("a critical section lets nobody in while it waits", limit, async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get("/object/increment_blocked?name=section")));
      assert.deepEqual(answers.sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1));
    });

    test("without one, events meet while they wait for the outside", limit, async () => {
      assert.deepEqual(await Promise.all([get("/object/meet?name=meet"), get("/object/meet?name=meet")]), ["met", "met"]);
    });

    test("an object is ready when its constructor's section is: storage, timers, fetch", limit, async (t) => {
      const origin = await Origin.start(t);
      const first = await get("/prepared/?name=p");
      assert.deepEqual(first, ["storage", 0, "timer", "ready"]);
      await get(`/prepared/?name=p&origin=${origin.url}`);
      assert.match((await get("/prepared/?name=p&abort")).message, /again/);
      const answers = await Promise.all(Array.from({ length: 5 }, () => get("/prepared/?name=p")));
      for (const answer of answers) assert.deepEqual(answer, ["storage", 1, "timer", "cookies", "ready"]);
    });

    test("an exception in the constructor is the caller's, and the next one tries again", limit, async () => {
      const failed = await get("/failing/");
      assert.match(failed.message, /not this time/);
      assert.equal(await get("/failing/"), "constructed");
    });

    test("an exception in a handler is the caller's, and the object lives on", limit, async () => {
      const born = await get("/object/born?name=throwing");
      assert.match((await get("/object/throw?name=throwing")).message, /thrown by the object/);
      assert.equal(await get("/object/born?name=throwing"), born);
    });

    test("an exception in a critical section resets the object", limit, async () => {
      const born = await get("/object/born?name=section2");
      assert.match((await get("/object/block_throw?name=section2")).message, /thrown in the section/);
      assert.notEqual(await get("/object/born?name=section2"), born);
    });

    test("abort() resets the object; what was stored stays", limit, async () => {
      const born = await get("/object/born?name=aborted");
      await get('/object/put?name=aborted&key=k&value="kept"');
      assert.match((await get("/object/abort?name=aborted")).message, /aborted on purpose/);
      assert.notEqual(await get("/object/born?name=aborted"), born);
      assert.equal(await get("/object/get?name=aborted&key=k"), "kept");
    });

    for (const [how, expected] of [
      ["commit", { outcome: "done", kept: "inside", new: 1 }],
      ["throw", { outcome: "thrown", kept: "before", new: null }],
      ["rollback", { outcome: "done", kept: "before", new: null }],
    ]) {
      test(`a transaction: ${how}`, limit, async () => {
        assert.deepEqual(await get(`/object/transaction?name=t-${how}&how=${how}`), expected);
        assert.equal(await get(`/object/get?name=t-${how}&key=kept`), expected.kept);
      });
    }

    test("a synchronous transaction", limit, async () => {
      assert.deepEqual(await get("/object/transaction_sync?name=ts&how=throw"), { outcome: "thrown", kept: "before" });
      assert.deepEqual(await get("/object/transaction_sync?name=ts"), { outcome: "done", kept: "inside" });
    });

    test("deleteAll leaves nothing", limit, async () => {
      await get("/object/fill?name=all");
      await get("/object/delete_all?name=all");
      assert.deepEqual(await get("/object/list?name=all"), []);
    });

    test("bodies go there and come back", limit, async () => {
      const body = "0123456789".repeat(300_000);
      for (const name of names) {
        const { text, headers } = await ask(session.port, `/object/echo?name=${name}`, { method: "POST", body });
        assert.ok(text === body, `${name}: ${text.length} of ${body.length}`);
        assert.equal(headers["x-method"], "POST");
        assert.equal(await get(`/object/length?name=${name}`, { method: "POST", body }), body.length);
      }
    });

    test("objects call objects", limit, async () => {
      for (const name of names) {
        for (const other of names) await get(`/object/call?name=c-${name}&other=d-${other}`);
      }
      for (const other of names) assert.equal(await get(`/object/count?name=d-${other}`), names.length);
    });

    for (const how of ["waitUntil", "timer", "promise"]) {
      test(`work goes on after the answer (${how})`, limit, async () => {
        assert.equal(await get(`/object/later?name=l-${how}&how=${how}`), "started");
        await until(async () => (await get(`/object/worked?name=l-${how}`)) === 1, "the work is done", 5);
      });
    }

    test("an idle object leaves memory, its storage stays", limit, async () => {
      const born = await get("/object/born?name=idle");
      await get('/object/put?name=idle&key=k&value="kept"');
      await until(async () => {
        await new Promise((resolve) => setTimeout(resolve, 2500)); // nobody asks; housekeeping looks once in a second
        return (await get("/object/born?name=idle")) !== born;
      }, "the object was evicted");
      assert.equal(await get("/object/get?name=idle&key=k"), "kept");
    });

    test("one with a timer stays until it has fired, one that awaits an answer until it is there", limit, async (t) => {
      const late = createServer((request, response) => setTimeout(() => response.end("late"), 2500));
      t.after(() => late.close());
      await new Promise((resolve) => late.listen(0, "127.0.0.1", resolve));
      const origin = encodeURIComponent(`http://127.0.0.1:${late.address().port}/`);
      const born = await Promise.all([get("/object/stay?name=t&how=timer"), get(`/object/stay?name=f&how=fetch&origin=${origin}`)]);
      await new Promise((resolve) => setTimeout(resolve, 4000)); // nobody asks; the idle time is one second
      assert.deepEqual(await Promise.all(["t", "f"].map((name) => get(`/object/get?name=${name}&key=stayed`))), born);
    });

    test("an object that is asked again and again stays", limit, async () => {
      const born = await get("/object/born?name=busy");
      const end = Date.now() + 2500;
      while (Date.now() < end) {
        assert.equal(await get("/object/born?name=busy"), born);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  });
}

test("what was stored with one thread is found with two", limit, async (t) => {
  const data = temporaryFolder(t);
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  for (const [round, threads] of ["1", "2", "1"].entries()) {
    const session = await serve(t, folder, "--threads", threads, "--data", data);
    const get = caller(() => session);
    for (const name of names) assert.equal(await get(`/object/increment?name=${name}`), round + 1);
    assert.equal(await session.stop(), 0);
  }
});
