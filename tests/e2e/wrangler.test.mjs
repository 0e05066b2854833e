// Unmodified wrangler against a platform; after each step the worker answers accordingly.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, project } from "../support/selvage.mjs";

const source = (version) => `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async count() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/count") return new Response(String(await env.COUNTER.getByName("x").count()));
    if (pathname === "/kv") return new Response(await env.KV.get("colour"));
    return Response.json({ version: "${version}", greeting: env.GREETING, secret: env.SECRET });
  },
};
`;

describe("wrangler", () => {
  const life = lifetime();
  let it;
  let folder;
  const versions = {}; // ids, by name
  before(async () => {
    it = await platform(life);
    folder = project(life, { name: "shop", source: source("one") });
  });

  /** Runs a command that must succeed; its output. */
  async function wrangler(...args) {
    const outcome = await it.wrangler(folder, ...args);
    assert.equal(outcome.status, 0, outcome.output);
    return outcome.stdout;
  }
  async function shop() {
    return JSON.parse(await it.text("shop"));
  }
  function configure(more) {
    writeFileSync(
      join(folder, "wrangler.toml"),
      `name = "shop"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n${more}`,
    );
  }
  test("whoami says the account", async () => {
    assert.match(await wrangler("whoami"), new RegExp(it.account));
  });

  let config = "";
  test("kv namespace create and key put", async () => {
    const id = /id = "([0-9a-f]{32})"/.exec(await wrangler("kv", "namespace", "create", "KV"))[1];
    await wrangler("kv", "key", "put", "colour", "green", "--namespace-id", id, "--remote");
    const got = await wrangler("kv", "key", "get", "colour", "--namespace-id", id, "--remote", "--text");
    assert.equal(got.trim(), "green");
    assert.match(await wrangler("kv", "namespace", "list"), new RegExp(id));
    assert.match(await wrangler("kv", "key", "list", "--namespace-id", id, "--remote"), /colour/);
    config = `[vars]
GREETING = "hello"
[[kv_namespaces]]
binding = "KV"
id = "${id}"
[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Counter"]
`;
    configure(config);
  });

  test("deploy, for the first time", async () => {
    const output = await wrangler("deploy");
    assert.match(output, /Uploaded shop/);
    assert.match(output, /shop\.localhost/);
    versions.one = /Current Version ID: (\S+)/.exec(output)[1];
    assert.deepEqual(await shop(), { version: "one", greeting: "hello" });
    assert.equal(await it.text("shop", "/kv"), "green");
    assert.equal(await it.text("shop", "/count"), "1");
  });

  test("deploy again, with message and tag", async () => {
    writeFileSync(join(folder, "index.js"), source("two"));
    configure(config.replace("hello", "goodbye"));
    const output = await wrangler("deploy", "--message", "the second", "--tag", "two");
    versions.two = /Current Version ID: (\S+)/.exec(output)[1];
    assert.deepEqual(await shop(), { version: "two", greeting: "goodbye" });
    assert.equal(await it.text("shop", "/count"), "2", "objects keep what they have");
  });

  test("secret put, bulk, list, delete", async () => {
    const { child, ended } = it.startWrangler(folder, "secret", "put", "SECRET");
    child.stdin.end("hidden\n");
    const put = await ended;
    assert.equal(put.status, 0, put.output);
    assert.equal((await shop()).secret, "hidden");
    assert.match(await wrangler("secret", "list"), /SECRET/);
    writeFileSync(join(folder, "secrets.json"), JSON.stringify({ SECRET: "changed", OTHER: "x" }));
    await wrangler("secret", "bulk", "secrets.json");
    assert.equal((await shop()).secret, "changed");
    await wrangler("secret", "delete", "OTHER");
    assert.doesNotMatch(await wrangler("secret", "list"), /OTHER/);
    await wrangler("deploy");
    assert.equal((await shop()).secret, "changed", "a deployment keeps secrets");
  });

  test("versions upload, list, view, deploy with percentages", async () => {
    writeFileSync(join(folder, "index.js"), source("three"));
    const output = await wrangler("versions", "upload", "--message", "the third", "--tag", "three");
    versions.three = /Worker Version ID: (\S+)/.exec(output)[1];
    assert.equal((await shop()).version, "two", "not live by itself");
    const preview = /Version Preview URL: (http\S+)/.exec(output)[1];
    assert.match(preview, new RegExp(`^https?://${versions.three.slice(0, 8)}-shop\\.localhost:${it.port}`));
    assert.equal(JSON.parse(await it.text(`${versions.three.slice(0, 8)}-shop`)).version, "three");
    const list = await wrangler("versions", "list");
    for (const text of [versions.two, versions.three, "the third"]) assert.match(list, new RegExp(text));
    const view = await wrangler("versions", "view", versions.three);
    assert.match(view, /three/);
    assert.match(view, /GREETING/);
    await wrangler("versions", "deploy", `${versions.two}@50%`, `${versions.three}@50%`, "--yes");
    const seen = new Set();
    for (let i = 0; i < 100 && seen.size < 2; ++i) seen.add((await shop()).version);
    assert.deepEqual([...seen].sort(), ["three", "two"]);
    assert.match(await wrangler("deployments", "status"), /50%/);
    await wrangler("versions", "deploy", `${versions.three}@100%`, "--yes");
    for (let i = 0; i < 20; ++i) assert.equal((await shop()).version, "three");
  });

  test("deployments list and status", async () => {
    const list = await wrangler("deployments", "list");
    assert.match(list, new RegExp(versions.one));
    assert.match(list, /the second/);
    assert.match(await wrangler("deployments", "status"), new RegExp(versions.three));
  });

  test("rollback", async () => {
    await wrangler("rollback", versions.two, "--message", "back", "--yes");
    assert.equal((await shop()).version, "two");
  });

  test("triggers: crons and routes are kept", async () => {
    configure(`${config.replace("[vars]", `[triggers]\ncrons = ["*/5 * * * *"]\n[vars]`)}`);
    await wrangler("triggers", "deploy");
    const { schedules } = await it.result("GET", "/workers/scripts/shop/schedules");
    assert.deepEqual(schedules.map((each) => each.cron), ["*/5 * * * *"]);
  });

  test("a deployment that cannot start fails with the place in the source", async () => {
    writeFileSync(join(folder, "index.js"), `${source("four")}\nthrow new Error("no start");\n`);
    const { status, output } = await it.wrangler(folder, "deploy");
    assert.equal(status, 1);
    assert.match(output, /no start[\s\S]*index\.js:\d+/);
    assert.match(output, /10021/);
    assert.equal((await shop()).version, "two");
  });

  test("a wrong token is told of in wrangler's words", async () => {
    const token = it.token;
    it.token = "wrong";
    const { status, output } = await it.wrangler(folder, "deployments", "list");
    it.token = token;
    assert.equal(status, 1);
    assert.match(output, /Authentication error/);
  });

  test("delete", async () => {
    await wrangler("delete", "--force");
    assert.equal((await it.ask("shop")).status, 404);
  });
});
