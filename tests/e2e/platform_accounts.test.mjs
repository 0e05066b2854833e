// Two accounts on one platform: neither sees, reaches or changes anything of the other's.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { platform, upload } from "../support/platform.mjs";
import { lifetime, temporaryFolder } from "../support/selvage.mjs";

const says = (text) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

/** Adds an account, and a token to it, to a platform that runs: { account, token }. */
function addAccount(data, name, write = true) {
  const database = new DatabaseSync(join(data, "state/platform/platform.sqlite"));
  const account = randomBytes(16).toString("hex");
  const token = `slv_${randomBytes(32).toString("hex")}`;
  const now = new Date().toISOString();
  database
    .prepare("INSERT INTO accounts(id, name, subdomain, created_on) VALUES(?, ?, ?, ?)")
    .run(account, name, name, now);
  addToken(database, account, token, write, now);
  database.close();
  return { account, token };
}

function addToken(database, account, token, write, now) {
  database
    .prepare("INSERT INTO tokens(id, account, name, hash, write, created_on) VALUES(?, ?, 'test', ?, ?, ?)")
    .run(randomBytes(16).toString("hex"), account, createHash("sha256").update(token).digest("hex"), Number(write), now);
}

describe("two accounts", () => {
  const life = lifetime();
  const data = temporaryFolder(life);
  let it;
  let mine;
  let other;
  before(async () => {
    it = await platform(life, "--data", data);
    mine = { account: it.account, token: it.token };
    other = addAccount(data, "other");
  });

  test("may have workers of the same name", async () => {
    await it.deploy("shop", says("mine"));
    await it.deploy("shop", says("other's"), {}, other);
    assert.equal(await it.text("shop"), "mine");
    assert.equal(await it.text("shop.main"), "mine");
    assert.equal(await it.text("shop.other"), "other's");
    await it.result("DELETE", "/workers/services/shop?force=true", undefined, other);
    assert.equal(await it.text("shop"), "mine");
    assert.equal((await it.ask("shop.other")).status, 404);
  });

  test("do not see each other through the API", async () => {
    await it.deploy("secretive", says("x"), { bindings: [{ type: "secret_text", name: "S", text: "s" }] });
    const space = await it.result("POST", "/storage/kv/namespaces", { title: "mine" });
    await it.result("PUT", `/storage/kv/namespaces/${space.id}/values/key`, "value");
    const { deployments } = await it.result("GET", "/workers/scripts/secretive/deployments");
    const version = deployments[0].versions[0].version_id;
    const paths = [
      "/workers/services/secretive", "/workers/scripts/secretive/settings", "/workers/scripts/secretive/secrets",
      "/workers/scripts/secretive/deployments", `/workers/scripts/secretive/versions/${version}`,
      `/storage/kv/namespaces/${space.id}/values/key`, `/storage/kv/namespaces/${space.id}/keys`,
      "/workers/workers/secretive",
    ];
    for (const path of paths) {
      // With the token of the other account, by its own id and by that of the owner.
      assert.equal((await it.call("GET", path, undefined, other)).status, 404, path);
      const stolen = { account: mine.account, token: other.token };
      assert.equal((await it.call("GET", path, undefined, stolen)).status, 403, path);
    }
    assert.deepEqual(await it.result("GET", "/workers/scripts", undefined, other), []);
    assert.deepEqual(await it.result("GET", "/storage/kv/namespaces", undefined, other), []);
    const write = await it.call("PUT", `/storage/kv/namespaces/${space.id}/values/key`, "changed", other);
    assert.equal(write.status, 404);
    const share = { version_id: version, percentage: 100 };
    await it.deploy("own", says("own"), {}, other);
    const foreign = await it.call("POST", "/workers/scripts/own/deployments", { versions: [share] }, other);
    assert.equal(foreign.status, 400, "a version of another account cannot be deployed");
    const audit = await it.result("GET", "/audit_logs", undefined, other);
    assert.ok(!JSON.stringify(audit).includes("secretive"));
  });

  test("do not reach each other's workers, namespaces and objects", async () => {
    const source = `import { DurableObject } from "cloudflare:workers";
      export class Box extends DurableObject { value() { return "mine"; } }
      export default { fetch: () => new Response("mine") }`;
    await it.deploy("target", source, {
      bindings: [{ type: "durable_object_namespace", name: "BOX", class_name: "Box" }],
      migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Box"] }] },
    });
    const space = await it.result("POST", "/storage/kv/namespaces", { title: "bound" });
    const bindings = [
      { type: "service", name: "T", service: "target" },
      { type: "durable_object_namespace", name: "T", class_name: "Box", script_name: "target" },
      { type: "kv_namespace", name: "T", namespace_id: space.id },
      // As the engine knows the worker: no account may spell that.
      { type: "service", name: "T", service: "target.1" },
    ];
    for (const binding of bindings) {
      const refused = await it.call("PUT", "/workers/scripts/thief", upload(says(""), { bindings: [binding] }), other);
      assert.equal(refused.status, 400, JSON.stringify(binding));
    }
    // A worker that is made later under the name does not become the owner's either.
    await it.deploy("target", says("other's"), {}, other);
    await it.deploy(
      "caller",
      "export default { fetch: (request, env) => env.T.fetch(request) }",
      { bindings: [{ type: "service", name: "T", service: "target" }] },
      other,
    );
    assert.equal(await it.text("caller.other"), "other's");
    assert.equal(await it.text("target"), "mine");
  });

  test("keep their routes and domains", async () => {
    await it.deploy("site", says("mine"));
    await it.deploy("site", says("other's"), {}, other);
    await it.result("PUT", "/workers/scripts/site/routes", [{ pattern: "shop.example.com/*" }]);
    const taken = await it.call("PUT", "/workers/scripts/site/routes", [{ pattern: "shop.example.com/*" }], other);
    assert.equal(taken.status, 409);
    const origins = { origins: [{ hostname: "www.example.com" }] };
    await it.result("PUT", "/workers/scripts/site/domains/records", origins);
    assert.equal((await it.call("PUT", "/workers/scripts/site/domains/records", origins, other)).status, 409);
    assert.equal((await it.call("PUT", "/workers/subdomain", { subdomain: "main" }, other)).status, 409);
    // Nor is a name of the platform theirs, nor a part of a host that somebody has.
    const route = (pattern, as) => it.call("PUT", "/workers/scripts/site/routes", [{ pattern }], as);
    for (const pattern of [
      "site.localhost/*", "site.main.localhost/*", "localhost/*", "*.localhost/*", "*localhost/*", "*/*", "*host/*",
      "draft.site.localhost/*", "shop.example.com/cart/*", "*example.com/*", "www.example.com/*",
    ]) {
      assert.equal((await route(pattern, other)).status, 409, pattern);
    }
    for (const hostname of ["site.localhost", "shop.example.com", "any.main.localhost"]) {
      const domains = { origins: [{ hostname }] };
      assert.equal((await it.call("PUT", "/workers/scripts/site/domains/records", domains, other)).status, 409, hostname);
    }
    assert.equal(await it.text("site"), "mine");
    assert.equal((await route("site.other.localhost/*")).status, 409, "not the first account's either");
    for (const pattern of ["site.other.localhost/x/*", "other.example/*", "api.example.com/*"]) {
      assert.equal((await route(pattern, other)).status, 200, pattern);
    }
    assert.equal((await route("site.localhost/x/*")).status, 200);
  });

  test("have tokens that may only read", async () => {
    const reader = `slv_${randomBytes(32).toString("hex")}`;
    const database = new DatabaseSync(join(data, "state/platform/platform.sqlite"));
    addToken(database, mine.account, reader, false, new Date().toISOString());
    database.close();
    const asReader = { account: mine.account, token: reader };
    assert.equal((await it.call("GET", "/workers/scripts", undefined, asReader)).status, 200);
    for (const [method, path, body] of [
      ["PUT", "/workers/scripts/new", upload(says("new"))],
      ["DELETE", "/workers/services/shop", undefined],
      ["POST", "/storage/kv/namespaces", { title: "new" }],
      ["PUT", "/workers/scripts/shop/secrets", { name: "S", text: "s", type: "secret_text" }],
    ]) {
      assert.equal((await it.call(method, path, body, asReader)).status, 403, path);
    }
  });

  test("reach no control plane from within workers", async () => {
    await it.deploy(
      "inside",
      `export default { async fetch(request, env) {
        try { return await fetch(env.API, { headers: { Authorization: "Bearer " + env.TOKEN } }); }
        catch (error) { return new Response(String(error), { status: 599 }); }
      } }`,
      {
        bindings: [
          { type: "plain_text", name: "API", text: `${it.api}/accounts` },
          { type: "plain_text", name: "TOKEN", text: it.token },
        ],
      },
    );
    const answer = await it.ask("inside");
    assert.equal(answer.status, 599);
    assert.match(answer.text, /private|loopback/i);
  });

  test("may guess tokens some times only", async () => {
    let status = 0;
    for (let i = 0; i < 40 && status !== 429; ++i) {
      ({ status } = await it.call("GET", "/workers/scripts", undefined, { token: "guess" }));
    }
    assert.equal(status, 429);
    assert.equal((await it.call("GET", "/workers/scripts")).status, 200, "a good token is not held up");
  });
});
