// Programs on hono, itty-router and other packages, here and on workerd.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import WebSocket from "ws";
import { lifetime, serve } from "../support/selvage.mjs";
import { projectFolder, startWorkerd } from "./workerd.mjs";

const ignored = new Set([
  "date", "connection", "keep-alive", "transfer-encoding", "server", "x-request-id", "content-length",
  "content-encoding", // miniflare compresses
]);

/** Status, headers and body of an answer, as far as a program decides them. */
async function seen(base, path, init) {
  const response = await fetch(base + path, { redirect: "manual", ...init });
  const headers = [...response.headers]
    .filter(([name]) => !ignored.has(name))
    .map(([name, value]) => [name, value.replaceAll(base, "")]);
  return { status: response.status, headers: Object.fromEntries(headers), body: await response.text() };
}

/** Each of `requests`, [path, init, check], is answered as `check` says, and as workerd answers. */
function sameAnswers(name, requests, options) {
  describe(name, async () => {
    const life = lifetime();
    const servers = (async () => ({
      ours: (await serve(life, projectFolder(name))).url,
      theirs: (await startWorkerd(life, name, options)).url,
    }))();
    for (const [path, init, check] of requests) {
      test(`${init.method ?? "GET"} ${path}${init.title ? `, ${init.title}` : ""}`, async () => {
        const { ours, theirs } = await servers;
        const answer = await seen(ours, path, init);
        if (typeof check === "string") assert.equal(answer.body, check);
        else if (typeof check === "number") assert.equal(answer.status, check);
        else check(answer);
        assert.deepEqual(answer, await seen(theirs, path, init));
      });
    }
  });
}

const hmac = (secret, text, encoding) => createHmac("sha256", secret).update(text).digest(encoding);
const signedCookie = (value, secret) => encodeURIComponent(`${value}.${hmac(secret, value, "base64")}`);
function token(secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "ada", exp: 4_000_000_000 })}`;
  return `${text}.${hmac(secret, text, "base64url")}`;
}

const get = {};
const json = (value, method = "POST") => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

sameAnswers("hono", [
  ["/", get, "Hello Hono"],
  ["/json?q=1&q=2", get, '{"path":"/json","query":["1","2"]}'],
  ["/users/12", get, '{"id":12}'],
  ["/users/ada/a/b", get, "ada /users/ada/a/b"],
  ["/secret", get, "a secret"],
  ["/things/x", { method: "PUT" }, "PUT x"],
  ["/things/x", { method: "DELETE" }, 202],
  ["/safe/headers", { headers: { Origin: "https://a.example" } }, ({ headers }) => {
    assert.equal(headers["access-control-allow-origin"], "https://a.example");
    assert.equal(headers["x-frame-options"], "SAMEORIGIN");
  }],
  ["/safe/headers", { method: "OPTIONS", headers: { Origin: "https://a.example", "Access-Control-Request-Method": "PUT" } }, 204],
  ["/user", { headers: { "X-User": "ada" } }, ({ body, headers }) => assert.deepEqual([body, headers["x-after"]], ["ada", "ada"])],
  ["/cookies", get, ({ headers }) => assert.equal(headers["set-cookie"], "visits=1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax")],
  ["/cookies", { headers: { Cookie: "a=b; visits=4" }, title: "again" }, "visit 5"],
  ["/signed", get, ({ body, headers }) => {
    assert.equal(body, "undefined");
    assert.match(headers["set-cookie"], /^user=ada\./);
  }],
  ["/signed", { headers: { Cookie: `user=${signedCookie("ada", "a secret")}` }, title: "again" }, "ada"],
  ["/signed", { headers: { Cookie: `user=${signedCookie("ada", "another")}` }, title: "forged" }, "false"],
  ["/token", get, ({ body }) => assert.equal(body, token("a secret"))],
  ["/account/name", get, 401],
  ["/account/name", { headers: { Authorization: `Bearer ${token("another")}` }, title: "with a forged token" }, 401],
  ["/account/name", { headers: { Authorization: `Bearer ${token("a secret")}` }, title: "with a token" }, '{"sub":"ada","exp":4000000000}'],
  ["/etag/page", get, ({ headers }) => assert.match(headers.etag, /^"[0-9a-f]{40}"$/)],
  ["/private/page", get, 401],
  ["/private/page", { headers: { Authorization: `Basic ${btoa("ada:lovelace")}` }, title: "with a password" }, "welcome"],
  ["/posts", json({ title: "T" }), '{"title":"T","tags":[]}'],
  ["/posts", { ...json({ title: "", tags: [1] }), title: "malformed" }, '{"issues":["title","tags.0"]}'],
  ["/form", { method: "POST", body: new URLSearchParams([["a", "1"], ["a", "2"], ["b", "ä"]]) }, '{"a":["1","2"],"b":"ä"}'],
  ["/small", { method: "POST", body: "fits" }, "fits"],
  ["/small", { method: "POST", body: "does not fit", title: "too much" }, "too large"],
  ["/stream", get, "one\ntwo\nthree\n"],
  ["/bytes", get, "\x01\x02\x03rest"],
  ["/events", get, "event: tick\ndata: at 0\nid: 0\n\nevent: tick\ndata: at 1\nid: 1\n\nevent: tick\ndata: at 2\nid: 2\n\n"],
  ["/page", get, '<html lang="en"><body><h1>&lt;escaped&gt;</h1><ul><li>1</li><li>2</li></ul></body></html>'],
  ["/api/version", get, '{"version":1}'],
  ["/fails", get, "short and stout"],
  ["/breaks", get, "error: broken"],
  ["/nowhere", get, "nothing at /nowhere"],
], { bindings: { SECRET: "a secret" } });

test("hono: each request has a context of its own", async (t) => {
  const { url } = await serve(t, projectFolder("hono"));
  const users = Array.from({ length: 50 }, (_, i) => `user${i}`);
  const answers = await Promise.all(users.map(async (user) => (await fetch(`${url}/user`, { headers: { "X-User": user } })).text()));
  assert.deepEqual(answers, users);
});

test("hono: a WebSocket", async (t) => {
  const { port } = await serve(t, projectFolder("hono"));
  const socket = new WebSocket(`ws://localhost:${port}/socket`);
  t.after(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const answer = new Promise((resolve) => socket.once("message", (data) => resolve(String(data))));
  socket.send("hi");
  assert.equal(await answer, "echo hi");
});

sameAnswers("router", [
  ["/", get, '{"hello":"itty"}'],
  ["/todos/1", get, '{"id":"1","text":"write a test"}'],
  ["/todos/2", get, '{"status":404,"error":"no such todo"}'],
  ["/todos", json({ text: "another" }), '{"created":{"text":"another"}}'],
  ["/files/a/b.txt", get, '"a/b.txt"'],
  ["/query?a=1&a=2&b=x", get, '{"a":["1","2"],"b":"x"}'],
  ["/throws", get, 500],
  ["/nowhere", get, 404],
  ["/", { method: "OPTIONS", headers: { Origin: "https://a.example" } }, 204],
]);

sameAnswers("libraries", [
  ["/nanoid", get, "[21,true,true,30]"],
  ["/superjson", get, '[0,["1"],true,"/a+/gi","bad","https://a.example/b",true]'],
  ["/zod", get, ({ body }) => assert.equal(JSON.parse(body)[0].when, 2026)],
  ["/jose", get, '["ada","JWTExpired","JWSSignatureVerificationFailed","RS256 ES256 EdDSA PS256","secret"]'],
  ["/yjs", get, ({ body }) => assert.deepEqual(JSON.parse(body), [true, "dehllloorw", { k: [1, { a: true }] }])],
]);
