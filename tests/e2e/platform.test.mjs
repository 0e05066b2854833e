// A platform and requests to its API as any client makes them.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { platform, Platform, upload } from "../support/platform.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, temporaryFolder } from "../support/selvage.mjs";

const says = (text) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

describe("a platform", () => {
  let it;
  const life = lifetime();
  before(async () => {
    it = await platform(life);
  });

  test("begins empty, and says what is not there", async () => {
    const answer = await it.ask("nobody");
    assert.equal(answer.status, 404);
    assert.match(answer.text, /There is no worker at this host/);
  });

  test("answers with what was deployed as soon as the upload is answered", async () => {
    for (const text of ["one", "two", "three"]) {
      const made = await it.deploy("hello", says(text));
      assert.equal(made.id, "hello");
      assert.deepEqual(made.handlers, ["fetch"]);
      assert.match(made.deployment_id, /^[0-9a-f]{32}$/);
      assert.equal(await it.text("hello"), text);
    }
  });

  test("answers at <worker>.<subdomain> and at previews of versions", async () => {
    const first = (await it.deploy("seen", says("first"))).deployment_id.slice(0, 8);
    await it.deploy("seen", says("second"));
    assert.equal(await it.text("seen.main"), "second");
    assert.equal(await it.text(`${first}-seen`), "first");
    assert.equal(await it.text(`${first}-seen.main`), "first");
    assert.equal((await it.ask("00000000-seen")).status, 404);
  });

  test("gives workers their bindings", async () => {
    const space = await it.result("POST", "/storage/kv/namespaces", { title: "things" });
    await it.result("PUT", `/storage/kv/namespaces/${space.id}/values/colour`, "green");
    await it.deploy("called", `import { WorkerEntrypoint } from "cloudflare:workers";
      export default { fetch: () => new Response("default") };
      export class Named extends WorkerEntrypoint { add(a, b) { return a + b + this.ctx.props.more; } }`);
    await it.deploy(
      "bound",
      `export default { async fetch(request, env) {
        await env.KV.put("size", "large");
        return Response.json({
          text: env.TEXT, json: env.JSON, secret: env.SECRET, kv: await env.KV.get("colour"),
          service: await (await env.CALLED.fetch("http://x/")).text(), rpc: await env.NAMED.add(1, 2),
          version: env.VERSION.id.length, tag: env.VERSION.tag,
        });
      } }`,
      {
        annotations: { "workers/tag": "v1" },
        bindings: [
          { type: "plain_text", name: "TEXT", text: "text" },
          { type: "json", name: "JSON", json: { a: [1] } },
          { type: "secret_text", name: "SECRET", text: "hidden" },
          { type: "kv_namespace", name: "KV", namespace_id: space.id },
          { type: "service", name: "CALLED", service: "called" },
          { type: "service", name: "NAMED", service: "called", entrypoint: "Named", props: { more: 10 } },
          { type: "version_metadata", name: "VERSION" },
        ],
      },
    );
    assert.deepEqual(JSON.parse(await it.text("bound")), {
      text: "text", json: { a: [1] }, secret: "hidden", kv: "green", service: "default", rpc: 13, version: 36,
      tag: "v1",
    });
    const read = await fetch(`${it.api}/accounts/${it.account}/storage/kv/namespaces/${space.id}/values/size`, {
      headers: { Authorization: `Bearer ${it.token}` },
    });
    assert.equal(await read.text(), "large");
    const settings = await it.result("GET", "/workers/scripts/bound/settings");
    assert.ok(!JSON.stringify(settings).includes("hidden"), "a secret is never shown");
  });

  test("keeps long values of KV as they are, by themselves and in bulk", async () => {
    const space = await it.result("POST", "/storage/kv/namespaces", { title: "long values" });
    const path = `/storage/kv/namespaces/${space.id}`;
    const bytes = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, i) => i * 2654435761).buffer);
    const headers = { Authorization: `Bearer ${it.token}` };
    const read = async (key) => {
      const answer = await fetch(`${it.api}/accounts/${it.account}${path}/values/${key}`, { headers });
      return Buffer.from(await answer.arrayBuffer());
    };
    const put = await fetch(`${it.api}/accounts/${it.account}${path}/values/alone`, { method: "PUT", headers, body: bytes });
    assert.equal(put.status, 200);
    await it.result("PUT", `${path}/bulk`, [
      { key: "bulk", value: bytes.toString("base64"), base64: true }, { key: "short", value: "s" },
    ]);
    assert.ok((await read("alone")).equals(bytes));
    assert.ok((await read("bulk")).equals(bytes));
    assert.equal((await read("short")).toString(), "s");
  });

  test("refuses what cannot run, and keeps what does", async () => {
    await it.deploy("kept", says("kept"));
    const refused = async (source, metadata) => {
      const { status, body } = await it.call("PUT", "/workers/scripts/kept", upload(source, metadata));
      assert.equal(status, 400);
      return body.errors[0];
    };
    const thrown = await refused("\nexport default {};\nthrow new Error('at the start');");
    assert.equal(thrown.code, 10021);
    assert.match(thrown.message, /at the start[\s\S]*index\.js:3:7/);
    assert.match((await refused("export default {")).message, /SyntaxError/);
    assert.match((await refused("import './missing.js'; export default {}")).message, /missing\.js/);
    assert.match((await refused("for (;;) {}")).message, /start-up limit/);
    assert.equal((await refused("export const nothing = 1")).code, 10068);
    const unknown = await refused(says(""), { bindings: [{ type: "d1", name: "DB", id: "1" }] });
    assert.match(unknown.message, /DB is of the kind "d1"/);
    const missing = await refused(says(""), {
      bindings: [{ type: "kv_namespace", name: "KV", namespace_id: "0".repeat(32) }],
    });
    assert.equal(missing.code, 10041);
    assert.equal(await it.text("kept"), "kept");
  });

  test("splits requests between versions, stickily where asked", async () => {
    await it.deploy("split", says("A"));
    await it.result("POST", "/workers/scripts/split/versions", upload(says("B")));
    const { items } = await it.result("GET", "/workers/scripts/split/versions");
    const [b, a] = items.map((each) => each.id);
    assert.equal(await it.text("split"), "A", "a version is not live by itself");
    await it.result("POST", "/workers/scripts/split/deployments", {
      strategy: "percentage",
      versions: [{ version_id: a, percentage: 30 }, { version_id: b, percentage: 70 }],
    });
    const counts = { A: 0, B: 0 };
    for (let i = 0; i < 200; ++i) counts[await it.text("split")]++;
    assert.ok(counts.A > 20 && counts.B > 80, JSON.stringify(counts));
    for (const key of ["x", "y", "z"]) {
      const headers = { "Cloudflare-Workers-Version-Key": key };
      const seen = new Set();
      for (let i = 0; i < 10; ++i) seen.add(await it.text("split", "/", { headers }));
      assert.equal(seen.size, 1, key);
    }
    for (const [id, text] of [[a, "A"], [b, "B"]]) {
      const headers = { "Cloudflare-Workers-Version-Overrides": `split="${id}"` };
      for (let i = 0; i < 5; ++i) assert.equal(await it.text("split", "/", { headers }), text);
    }
  });

  test("keeps Durable Objects through deployments, on one version at a time", async () => {
    const source = (version) => `import { DurableObject } from "cloudflare:workers";
      export class Counter extends DurableObject {
        async count() {
          const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
          await this.ctx.storage.put("count", count);
          return "${version}" + count;
        }
      }
      export default { async fetch(request, env) {
        const name = new URL(request.url).pathname;
        return new Response("${version} " + (await env.COUNTER.getByName(name).count()));
      } }`;
    const bindings = [{ type: "durable_object_namespace", name: "COUNTER", class_name: "Counter" }];
    await it.deploy("counting", source("A"), {
      bindings,
      migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Counter"] }] },
    });
    assert.equal(await it.text("counting", "/x"), "A A1");
    assert.equal(await it.text("counting", "/x"), "A A2");
    const second = await it.result("POST", "/workers/scripts/counting/versions", upload(source("B"), { bindings }));
    const [first] = (await it.result("GET", "/workers/scripts/counting/deployments")).deployments[0].versions;
    const deploy = (a, b) =>
      it.result("POST", "/workers/scripts/counting/deployments", {
        strategy: "percentage",
        versions: [{ version_id: first.version_id, percentage: a }, { version_id: second.id, percentage: b }],
      });
    // Whichever version takes the request, the objects are where the greater share is.
    for (const [a, b, home] of [[60, 40, "A"], [40, 60, "B"], [90, 10, "A"]]) {
      await deploy(a, b);
      const takers = new Set();
      for (let i = 0; i < 100 && takers.size < 2; ++i) {
        const [taker, answer] = (await it.text("counting", `/${a}`)).split(" ");
        takers.add(taker);
        assert.equal(answer, `${home}${i + 1}`);
      }
      assert.equal(takers.size, 2);
    }
    const answers = await Promise.all(["/x", "/x"].map((path) => it.text("counting", path)));
    assert.deepEqual(answers.map((text) => text.split(" ")[1]).sort(), ["A3", "A4"]);
    const spaces = await it.result("GET", "/workers/durable_objects/namespaces");
    assert.deepEqual(spaces.map((each) => [each.script, each.class]), [["counting", "Counter"]]);
  });

  test("routes patterns and domains to workers", async () => {
    await it.deploy("routed", says("routed"));
    await it.result("PUT", "/workers/scripts/routed/routes", [{ pattern: "example.com/api/*" }]);
    const at = (host, path) => ask(it.port, path, { host });
    assert.equal((await at("example.com", "/api/x")).text, "routed");
    assert.equal((await at("example.com", "/other")).status, 404);
    await it.result("PUT", "/workers/scripts/routed/domains/records", { origins: [{ hostname: "own.example.com" }] });
    assert.equal((await at("own.example.com:8787", "/any")).text, "routed");
  });

  test("forgets a deleted worker, and its objects", async () => {
    const source = `import { DurableObject } from "cloudflare:workers";
      export class Thing extends DurableObject {
        async count() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n; }
      }
      export default { fetch: async (r, env) => new Response(await env.THING.getByName("x").count()) }`;
    const metadata = {
      bindings: [{ type: "durable_object_namespace", name: "THING", class_name: "Thing" }],
      migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Thing"] }] },
    };
    await it.deploy("gone", source, metadata);
    assert.equal(await it.text("gone"), "1");
    await it.result("DELETE", "/workers/services/gone?force=false");
    assert.equal((await it.ask("gone")).status, 404);
    assert.equal((await it.call("GET", "/workers/services/gone")).body.errors[0].code, 10090);
    await it.deploy("gone", source, metadata);
    assert.equal(await it.text("gone"), "1");
  });

  test("lets nobody in without a token, and reads no large body of theirs", async () => {
    for (const token of ["", "wrong", it.token.slice(1)]) {
      const { status, body } = await it.call("GET", "/workers/scripts", undefined, { token });
      assert.equal(status, 401);
      assert.equal(body.errors[0].code, 10000);
    }
    const other = await it.call("GET", "/workers/scripts", undefined, { account: "0".repeat(32) });
    assert.equal(other.status, 403);
    const large = await it
      .call("PUT", "/workers/scripts/x", upload("x".repeat(1 << 20)), { token: "wrong" })
      .catch((error) => ({ status: error.cause?.code }));
    assert.ok([401, "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(large.status), String(large.status));
    const unknown = await it.call("GET", "/nothing/here");
    assert.equal(unknown.status, 404);
  });
});

test("a platform that starts again, or whose engine was killed, has all that was deployed", async (t) => {
  const data = temporaryFolder(t);
  const first = await platform(t, "--data", data);
  await first.deploy("stays", says("stays"), { bindings: [{ type: "secret_text", name: "S", text: "s" }] });
  await first.killEngine();
  assert.equal(await first.text("stays"), "stays");
  assert.equal(await first.stop(), 0);
  const second = await new Platform(t, "--data", data).ready();
  assert.equal(second.token, undefined, "the token is shown once");
  assert.equal(await second.text("stays"), "stays");
  Object.assign(second, { account: first.account, token: first.token });
  await second.deploy("stays", says("changed"));
  assert.equal(await second.text("stays"), "changed");
});
