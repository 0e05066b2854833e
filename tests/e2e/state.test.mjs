// selvage kv and selvage do: state as the command line shows and changes it, while a session runs on
// it and while none does.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { project, run, serve, Session, temporaryFolder } from "./selvage.mjs";

const source = `
export class Room {
  constructor(state) { this.storage = state.storage; }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/set") {
      await this.storage.put("text", "h\u00e9");
      await this.storage.put("object", { a: [1, 2], when: new Date(0), map: new Map([["k", 1n]]) });
    }
    return Response.json(await this.storage.get("text") ?? null);
  }
}
export default { async fetch(request, env) {
  const url = new URL(request.url);
  if (url.pathname === "/kv") return new Response(await env.CACHE.get(url.searchParams.get("key")));
  if (url.pathname === "/kv-put") return new Response(await env.CACHE.put(url.searchParams.get("key"), "from the worker"));
  return env.ROOM.get(env.ROOM.idFromName("lobby")).fetch(request);
} };`;
const config = `
[[kv_namespaces]]
binding = "CACHE"
id = "cache-id"
preview_id = "cache-preview"

[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"
`;

function command(folder) {
  const tell = (args, input) => run(args, { cwd: folder, input });
  tell.well = (args, input) => {
    const { status, stdout, stderr } = tell(args, input);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  return tell;
}

const dev = (t, folder) => new Session(t, ["dev", "--port", "0"], { cwd: folder }).ready();

describe("selvage kv", () => {
  for (const running of [false, true]) {
    test(`keys are put, read, listed and deleted ${running ? "while dev runs" : "while nothing runs"}`, async (t) => {
      const folder = project(t, { source, config });
      const tell = command(folder);
      const session = running ? await dev(t, folder) : undefined;
      const key = (...args) => tell.well(["kv", "key", ...args, "--binding", "CACHE"]);
      key("put", "a", "one", "--metadata", '{"m": [1]}', "--ttl", "3600");
      writeFileSync(join(folder, "value.bin"), Buffer.from([0, 255, 1]));
      key("put", "bytes", "--path", "value.bin");
      assert.equal(key("get", "a"), "one");
      assert.equal(key("get", "a", "--text"), "one\n");
      const entry = JSON.parse(key("get", "a", "--json"));
      assert.deepEqual([entry.key, entry.value, entry.metadata], ["a", "one", { m: [1] }]);
      assert.ok(entry.expiration > Date.now() / 1000 + 3000);
      assert.deepEqual(JSON.parse(key("get", "bytes", "--json")), { key: "bytes", value: "AP8B", base64: true });
      assert.deepEqual(JSON.parse(key("list")).map(({ name }) => name), ["a", "bytes"]);
      assert.deepEqual(JSON.parse(key("list", "--prefix", "b")), [{ name: "bytes" }]);
      if (running) {
        assert.equal(await session.get("/kv?key=a"), "one");
        key("put", "a", "two");
        assert.equal(await session.get("/kv?key=a"), "two", "a running session sees it at once");
        await session.get("/kv-put?key=w");
        assert.equal(key("get", "w"), "from the worker");
      }
      key("delete", "a");
      const missing = tell(["kv", "key", "get", "a", "--binding", "CACHE"]);
      assert.equal(missing.status, 1);
      assert.match(missing.stderr, /^error: there is no entry a in cache-preview/);
      if (running) assert.equal(await session.get("/kv?key=a"), "");
      // The namespace that dev uses, and the one that serve uses, are two.
      assert.deepEqual(JSON.parse(key("list", "--no-preview")), []);
    });
  }

  test("a whole namespace is exported and imported as it was", (t) => {
    const folder = project(t, { source, config });
    const tell = command(folder);
    const entries = [
      { key: "a", value: "text", metadata: { x: 1 } },
      { key: "b", value: "AP8=", base64: true, expiration: 4_000_000_000 },
      { key: "\u00e9/\u2028", value: "" },
    ];
    tell.well(["kv", "import", "--namespace-id", "from"], entries.map((each) => JSON.stringify(each)).join("\n"));
    const lines = tell.well(["kv", "export", "--namespace-id", "from"]);
    assert.deepEqual(lines.trimEnd().split("\n").map((line) => JSON.parse(line)), entries);
    tell.well(["kv", "export", "out.ndjson", "--namespace-id", "from"]);
    tell.well(["kv", "import", "out.ndjson", "--namespace-id", "to"]);
    assert.equal(tell.well(["kv", "export", "--namespace-id", "to"]), lines);
    assert.equal(readFileSync(join(folder, "out.ndjson"), "utf8"), lines);
  });

  test("a faulty line of an import is named", (t) => {
    const tell = command(project(t, { source, config }));
    const { status, stderr } = tell(["kv", "import", "--namespace-id", "n"], '{"key": "a", "value": "x"}\n{"key": 5}\n');
    assert.equal(status, 1);
    assert.match(stderr, /standard input:2: an entry has no "key"/);
  });

  test("many keys at once", (t) => {
    const folder = project(t, { source, config });
    const tell = command(folder);
    const entries = Array.from({ length: 1200 }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
    writeFileSync(join(folder, "put.json"), JSON.stringify(entries));
    tell.well(["kv", "bulk", "put", "put.json", "--namespace-id", "n"]);
    writeFileSync(join(folder, "keys.json"), JSON.stringify(["k7", { name: "k1199" }, "none"]));
    assert.deepEqual(JSON.parse(tell.well(["kv", "bulk", "get", "keys.json", "--namespace-id", "n"])), {
      k7: { value: "v7" }, k1199: { value: "v1199" }, none: null,
    });
    tell.well(["kv", "bulk", "delete", "keys.json", "--namespace-id", "n", "--force"]);
    assert.equal(JSON.parse(tell.well(["kv", "key", "list", "--namespace-id", "n"])).length, 1198);
    writeFileSync(join(folder, "bad.json"), JSON.stringify([{ key: "x", value: "y", expiration_ttl: 5 }]));
    const { status, stderr } = tell(["kv", "bulk", "put", "bad.json", "--namespace-id", "n"]);
    assert.equal(status, 1);
    assert.match(stderr, /key "x": KV PUT failed: 400 Invalid expiration_ttl of 5/);
  });

  test("namespaces are made, listed, renamed and deleted", (t) => {
    const tell = command(project(t, { source, config }));
    assert.match(tell.well(["kv", "namespace", "create", "shop"]), /binding = "shop"\nid = "shop"/);
    assert.equal(tell(["kv", "namespace", "create", "shop"]).status, 1);
    tell.well(["kv", "key", "put", "a", "b", "--namespace-id", "shop"]);
    tell.well(["kv", "namespace", "rename", "shop", "--new-name", "store"]);
    const [only] = JSON.parse(tell.well(["kv", "namespace", "list"]));
    assert.deepEqual(only, { id: "store", title: "store", keys: 1, bytes: 1 });
    tell.well(["kv", "namespace", "delete", "--namespace-id", "store"]);
    assert.deepEqual(JSON.parse(tell.well(["kv", "namespace", "list"])), []);
    assert.match(tell(["kv", "namespace", "delete", "--namespace-id", "store"]).stderr, /there is no KV namespace store/);
  });

  for (const [args, expected, status] of [
    [["kv", "key", "get", "a"], /which namespace\?.*--binding/s, 1],
    [["kv", "key", "get", "a", "--binding", "CACHEE"], /binds no KV namespace as CACHEE; did you mean CACHE\?/, 1],
    [["kv", "key", "put", "a", "--namespace-id", "n"], /needs a VALUE or a --path/, 1],
    [["kv", "key", "put", "a", "b", "--metadata", "{x", "--namespace-id", "n"], /--metadata is not JSON/, 1],
    [["kv", "key", "put", "a", "b", "--ttl", "5", "--namespace-id", "n"], /Expiration TTL must be at least 60/, 1],
    [["kv", "key", "put", ".", "b", "--namespace-id", "n"], /"\." is not allowed as a key name/, 1],
    [["kv", "key", "list", "--namespace-id", "n"], /there is no state in .*selvage dev/s, 1],
    [["kv", "kye"], /there is no command "kv kye"; did you mean key\?/, 2],
    [["kv", "key", "put", "--bindng", "x"], /did you mean --binding\?/, 2],
    [["kv"], /`selvage kv` needs a command.*selvage kv --help/s, 2],
  ]) {
    test(`selvage ${args.join(" ")} says what is wrong`, (t) => {
      const tell = command(project(t, { source, config }));
      const result = tell(args);
      assert.equal(result.status, status, result.stderr);
      assert.match(result.stderr, expected);
    });
  }

  test("every command explains itself", () => {
    for (const words of ["kv", "kv key", "kv key put", "kv bulk get", "kv namespace rename", "kv export", "do", "do show", "do sql"]) {
      const { status, stdout } = run([...words.split(" "), "--help"]);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`usage: selvage ${words} `));
      assert.equal(run(["help", ...words.split(" ")]).stdout, stdout);
    }
  });
});

describe("selvage do", () => {
  for (const running of [false, true]) {
    test(`objects are shown ${running ? "while dev runs" : "after it has ended"}`, async (t) => {
      const folder = project(t, { source, config });
      const tell = command(folder);
      const session = await dev(t, folder);
      await session.get("/set");
      if (!running) await session.stop();
      const [room] = JSON.parse(tell.well(["do", "list", "--json"]));
      assert.deepEqual([room.class, room.worker, room.objects, room.id], ["Room", "w", 1, "w-Room"]);
      assert.match(tell.well(["do", "list"]), /^CLASS +WORKER +OBJECTS/);
      const [{ id }] = JSON.parse(tell.well(["do", "list", "Room", "--json"]));
      const shown = JSON.parse(tell.well(["do", "show", "Room", id, "--json"]));
      assert.deepEqual(shown.entries, [
        { key: "object", value: { a: [1, 2], when: { $type: "Date", value: "1970-01-01T00:00:00.000Z" },
          map: { $type: "Map", entries: [["k", { $type: "bigint", value: "1" }]] } } },
        { key: "text", value: "h\u00e9" },
      ]);
      assert.match(tell.well(["do", "show", "ROOM", "--name", "lobby"]), /"text": "h\u00e9"/);
      assert.match(tell.well(["do", "show", "w/Room", id.slice(0, 8)]), /keys +2/);
      const sql = ["do", "sql", "Room", id, "SELECT key FROM _cf_KV ORDER BY key"];
      assert.equal(tell.well(sql), "key\n------\nobject\ntext\n");
      assert.deepEqual(JSON.parse(tell.well([...sql, "--json"])), [{ key: "object" }, { key: "text" }]);
      assert.match(tell(["do", "sql", "Room", id, "DELETE FROM _cf_KV"]).stderr, /this statement writes/);
      tell.well(["do", "export", "Room", id, "room.sqlite"]);
      assert.equal(readFileSync(join(folder, "room.sqlite")).subarray(0, 15).toString(), "SQLite format 3");
      if (running) {
        assert.match(tell(["do", "delete", "Room", id]).stderr, /in use.*try again/s);
        await session.stop();
      }
      tell.well(["do", "delete", "Room", id]);
      assert.deepEqual(JSON.parse(tell.well(["do", "list", "Room", "--json"])), []);
    });
  }

  test("what is not there is said", (t) => {
    const folder = project(t, { source, config });
    const tell = command(folder);
    assert.match(tell(["do", "list"]).stderr, /there is no state in/);
    assert.equal(existsSync(join(folder, ".selvage")), false, "and none is made");
    tell.well(["kv", "key", "put", "a", "b", "--binding", "CACHE"]);
    assert.match(tell.well(["do", "list"]), /No Durable Object has stored anything/);
    assert.match(tell(["do", "list", "Rom"]).stderr, /no Durable Objects of Rom/);
  });
});

describe("selvage do restore", () => {
  const keeper = `
    export class Room {
      constructor(state) { this.storage = state.storage; }
      async fetch(request) {
        const text = new URL(request.url).searchParams.get("text");
        if (text === "") await this.storage.deleteAll();
        else if (text !== null) await this.storage.put("text", text);
        return Response.json([await this.storage.get("text") ?? null, Date.now()]);
      }
    }
    export default { fetch: (request, env) => env.ROOM.getByName("lobby").fetch(request) };`;

  for (const running of [false, true]) {
    test(`an object goes back and forward ${running ? "while a server runs" : "while nothing runs"}`, async (t) => {
      const folder = project(t, { source: keeper, config });
      const tell = command(folder);
      const start = () => serve(t, folder, "--data", join(folder, ".selvage"), "--object-idle", "100");
      let session = await start();
      const write = async (text) => JSON.parse(await session.get(`/?text=${text}`));
      const [, one] = await write("one");
      await new Promise((resolve) => setTimeout(resolve, 40));
      await write("two");
      const object = ["Room", "--name", "lobby"];
      // The commit of "one" is a little later than what its code takes for now.
      const between = one + 10;
      const at = ["--at", new Date(between).toISOString()];
      const show = () => JSON.parse(tell.well(["do", "show", ...object, "--json"]));
      if (running) {
        const refused = tell(["do", "restore", ...object, ...at]);
        if (refused.status !== 0) assert.match(refused.stderr, /in use, and was not restored.*try again/s);
      } else {
        await session.stop();
      }
      const { history, id } = show();
      assert.ok(Date.parse(history.since) < between && Date.parse(history.changed) > between, JSON.stringify(history));
      const shown = tell.well(["do", "show", ...object]);
      assert.match(shown, new RegExp(`^bookmark +${history.bookmark}$`, "m"));
      assert.match(shown, new RegExp(`^history +since ${history.since}$`, "m"));

      const restore = (...args) => tell(["do", "restore", ...object, ...args]);
      assert.match(restore(...at, "--dry-run").stderr, /now .* B\)\n +then +20\d\d-.* B\)/);
      assert.equal(show().history.bookmark, history.bookmark, "only said");
      const patiently = async (...args) => {
        for (;;) {
          const result = restore(...args);
          if (result.status === 0) return result.stdout;
          assert.match(result.stderr, /in use/);
        }
      };
      const done = JSON.parse(await patiently(...at, "--json"));
      assert.equal(done.id, id);
      assert.deepEqual(show().entries, [{ key: "text", value: "one" }]);
      const ask = async () => {
        if (!running) session = await start();
        const [text] = JSON.parse(await session.get("/"));
        if (!running) await session.stop();
        return text;
      };
      assert.equal(await ask(), "one");
      const undone = await patiently("--bookmark", done.undo);
      assert.equal(await ask(), "two");
      assert.match(undone, new RegExp(`selvage do restore Room ${id} --bookmark [-0-9a-f]+\n$`));
      await patiently("--bookmark", undone.trim().split(" ").at(-1));
      assert.equal(await ask(), "one");
    });
  }

  test("what was deleted comes back, and what cannot is said", async (t) => {
    const folder = project(t, { source: keeper, config });
    const tell = command(folder);
    const session = await dev(t, folder);
    const [, kept] = JSON.parse(await session.get("/?text=kept"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await session.get("/?text=");
    await session.stop();
    const object = ["Room", "--name", "lobby"];
    const space = JSON.parse(tell.well(["do", "list", "--json"]))[0];
    assert.equal(space.objects, 0);
    const gone = tell(["do", "show", ...object]).stderr;
    assert.match(gone, /stores nothing\n.*do restore Room [0-9a-f]{64} --at TIME/);
    const restore = (...args) => tell(["do", "restore", ...object, ...args]);
    assert.match(restore().stderr, /to which state\?/);
    assert.match(restore("--at", "yesterday").stderr, /"yesterday" is not a time/);
    assert.match(restore("--bookmark", "x").stderr, /"x" is not a bookmark of this Durable Object.*\n.*begins at 20/);
    assert.equal(restore("--bookmark", "x", "--at", "1h").status, 2);
    assert.match(tell(["do", "restore", "Room", "0".repeat(64), "--at", "1h"]).stderr, /has no history/);
    assert.match(restore("--at", new Date(kept + 10).toISOString()).stdout, /^Restored/);
    assert.deepEqual(JSON.parse(tell.well(["do", "show", ...object, "--json"])).entries, [{ key: "text", value: "kept" }]);
  });
});

describe("migrations", () => {
  const worker = (className) => `
    export class ${className} {
      constructor(state) { this.storage = state.storage; }
      async fetch(request) {
        if (new URL(request.url).pathname === "/set") await this.storage.put("x", "kept");
        return new Response(await this.storage.get("x") ?? "nothing");
      }
    }
    export default { fetch: (request, env) => env.OBJECT.get(env.OBJECT.idFromName("one")).fetch(request) };`;
  const bound = (className, migrations) =>
    `name = "w"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n[[durable_objects.bindings]]\nname = "OBJECT"\nclass_name = "${className}"\n${migrations}`;
  const v1 = `[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n`;
  const v2 = `[[migrations]]\ntag = "v2"\n[[migrations.renamed_classes]]\nfrom = "A"\nto = "B"\n`;

  async function once(t, folder, data, path) {
    const session = await new Session(t, ["serve", folder, "--port", "0", "--threads", "1", "--data", data]).ready();
    const text = await session.get(path);
    await session.stop();
    return text;
  }

  test("a renamed class keeps its objects, and their ids", async (t) => {
    const folder = project(t, { source: worker("A"), files: { "wrangler.toml": bound("A", v1) } });
    const data = temporaryFolder(t);
    assert.equal(await once(t, folder, data, "/set"), "kept");
    writeFileSync(join(folder, "index.js"), worker("B"));
    writeFileSync(join(folder, "wrangler.toml"), bound("B", v1 + v2));
    assert.equal(await once(t, folder, data, "/"), "kept");
    assert.equal(await once(t, folder, data, "/"), "kept");
    const { namespaces, migrations } = JSON.parse(readFileSync(join(data, "state/namespaces.json"), "utf8"));
    assert.deepEqual(namespaces.map((each) => [each.id, each.class]), [["w-A", "B"]]);
    assert.deepEqual(migrations, { w: ["v1", "v2"] });
  });

  test("a deleted class's objects are gone, and a new one of its name begins anew", async (t) => {
    const folder = project(t, { source: worker("A"), files: { "wrangler.toml": bound("A", v1) } });
    const data = temporaryFolder(t);
    await once(t, folder, data, "/set");
    const gone = `[[migrations]]\ntag = "v2"\ndeleted_classes = ["A"]\n[[migrations]]\ntag = "v3"\nnew_sqlite_classes = ["A"]\n`;
    writeFileSync(join(folder, "wrangler.toml"), bound("A", v1 + gone));
    assert.equal(await once(t, folder, data, "/"), "nothing");
    assert.deepEqual(
      JSON.parse(run(["do", "list", "--json", "--data", data]).stdout).map(({ id, objects }) => [id, objects]),
      [["w-A-2", 0]],
    );
  });

  test("while dev runs, a migration is applied with the save that brings it", async (t) => {
    const folder = project(t, { source: worker("A"), files: { "wrangler.toml": bound("A", v1) } });
    const session = await dev(t, folder);
    assert.equal(await session.get("/set"), "kept");
    writeFileSync(join(folder, "wrangler.toml"), bound("A", v1 + v2));
    await session.waitFor(/the binding OBJECT names the class A, which migration "v2" renamed\. Bind B instead/);
    assert.equal(await session.get("/"), "kept", "the version before goes on");
    writeFileSync(join(folder, "index.js"), worker("B"));
    writeFileSync(join(folder, "wrangler.toml"), bound("B", v1 + v2));
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get("/"), "kept");
  });
});
