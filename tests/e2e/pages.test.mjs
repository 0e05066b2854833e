// Pages sites under `selvage pages dev`: functions by file routing, _worker.js, _routes.json.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, serve, Session, temporaryFolder, until, writeFiles } from "./selvage.mjs";

function site(t, files) {
  const folder = temporaryFolder(t);
  writeFiles(folder, files);
  return folder;
}

const pagesDev = (t, folder, ...args) =>
  new Session(t, ["pages", "dev", ...args, "--port", "0"], { cwd: folder }).ready();

test("functions answer by the paths of their files", async (t) => {
  const say = (name) => `export const onRequest = ({ params, functionPath }) => Response.json(["${name}", params, functionPath]);`;
  const folder = site(t, {
    "public/index.html": "home",
    "public/api/static.txt": "static",
    "functions/api/index.js": say("index"),
    "functions/api/fixed.ts": say("fixed"),
    "functions/api/[id].js": say("id"),
    "functions/api/[id]/parts/[part].js": say("part"),
    "functions/files/[[path]].js": say("path"),
    "functions/methods.js": `
      export const onRequestGet = () => new Response("get");
      export const onRequestPost = async ({ request }) => new Response("post " + (await request.text()));`,
  });
  const session = await pagesDev(t, folder, "public");
  const json = async (path) => JSON.parse(await session.get(path));
  assert.deepEqual(await json("/api"), ["index", {}, "/api"]);
  assert.deepEqual(await json("/api/"), ["index", {}, "/api"]);
  assert.deepEqual(await json("/api/fixed"), ["fixed", {}, "/api/fixed"]);
  assert.deepEqual(await json("/api/7"), ["id", { id: "7" }, "/api/7"]);
  assert.deepEqual(await json("/api/7/parts/x"), ["part", { id: "7", part: "x" }, "/api/7/parts/x"]);
  assert.deepEqual(await json("/files"), ["path", {}, "/files"]);
  assert.deepEqual(await json("/files/a/b"), ["path", { path: ["a", "b"] }, "/files/a/b"]);
  assert.equal(await session.get("/methods"), "get");
  assert.equal(await session.get("/methods", { method: "POST", body: "x" }), "post x");
  assert.equal(await session.get("/"), "home");
  const fallen = await fetch(session.url + "/methods", { method: "PUT" });
  assert.equal(fallen.status, 405, "no function for PUT: the assets answer");
});

test("middleware runs from the root inwards, and next() goes on to the assets", async (t) => {
  const folder = site(t, {
    "public/index.html": "home",
    "public/page.html": "page",
    "functions/_middleware.js": `export const onRequest = [
      async ({ next, data }) => { data.trace = ["one"]; const response = await next(); response.headers.set("x-trace", data.trace.join(" ")); return response; },
      ({ next, data }) => { data.trace.push("two"); return next(); },
    ];`,
    "functions/inner/_middleware.js": `export async function onRequest({ next, data }) {
      data.trace.push("inner");
      try { return await next(); } catch (error) { return new Response("caught " + error.message); }
    }`,
    "functions/inner/throws.js": `export const onRequest = () => { throw new Error("up"); };`,
    "functions/inner/elsewhere.js": `export const onRequest = ({ next }) => next("/page");`,
    "functions/open.js": `export const onRequest = ({ passThroughOnException }) => { passThroughOnException(); throw new Error("x"); };`,
    "functions/later.js": `export const onRequest = ({ waitUntil, env }) => { waitUntil(Promise.resolve()); return env.ASSETS.fetch("http://x/page"); };`,
  });
  const session = await pagesDev(t, folder, "public");
  const page = await fetch(session.url + "/page");
  assert.deepEqual([await page.text(), page.headers.get("x-trace")], ["page", "one two"]);
  const thrown = await fetch(session.url + "/inner/throws");
  assert.deepEqual([await thrown.text(), thrown.headers.get("x-trace")], ["caught up", "one two inner"]);
  assert.equal(await session.get("/inner/elsewhere"), "page");
  assert.equal(await session.get("/later"), "page");
  assert.equal((await fetch(session.url + "/open")).status, 200, "the application's page");
});

test("_worker.js takes everything, or what _routes.json gives it", async (t) => {
  const worker = `export default { async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/direct") return new Response("worker");
    const answer = await env.ASSETS.fetch(request);
    return new Response("through: " + (await answer.text()), answer);
  } };`;
  const folder = site(t, { "dist/index.html": "home", "dist/_worker.js": worker, "dist/a.txt": "a" });
  const session = await pagesDev(t, folder, "dist");
  assert.equal(await session.get("/direct"), "worker");
  assert.equal(await session.get("/a.txt"), "through: a");
  assert.match(await session.get("/_worker.js"), /through: home/, "code is no asset");
  writeFileSync(join(folder, "dist/_routes.json"), '{"version":1,"include":["/*"],"exclude":["/a.txt"]}');
  await until(async () => (await session.get("/a.txt")) === "a", "the excluded path");
  assert.equal(await session.get("/"), "through: home");
});

test("_worker.js may be a folder of modules", async (t) => {
  const folder = site(t, {
    "dist/index.html": "home",
    "dist/_worker.js/index.js": 'import { text } from "./lib/text.js"; export default { fetch: () => new Response(text) };',
    "dist/_worker.js/lib/text.js": 'export const text = "modules";',
  });
  const session = await pagesDev(t, folder, "dist");
  assert.equal(await session.get("/"), "modules");
});

test("a site without functions answers as Pages does", async (t) => {
  const folder = site(t, { "dist/index.html": "home", "dist/a.html": "a", "dist/_headers": "/*\n  x-a: b\n" });
  const session = await pagesDev(t, folder, "dist");
  const a = await fetch(session.url + "/a.html", { redirect: "manual" });
  assert.deepEqual([a.status, a.headers.get("location"), a.headers.get("x-a")], [308, "/a", "b"]);
  const home = await fetch(session.url + "/anything");
  assert.equal(await home.text(), "home");
  assert.equal(home.headers.get("x-content-type-options"), "nosniff");
});

test("a new function is there when it is saved", async (t) => {
  const folder = site(t, { "dist/index.html": "home", "functions/a.js": 'export const onRequest = () => new Response("a");' });
  const session = await pagesDev(t, folder, "dist");
  assert.equal(await session.get("/a"), "a");
  writeFileSync(join(folder, "functions/b.js"), 'export const onRequest = () => new Response("b");');
  await until(async () => (await session.get("/b")) === "b", "the new function");
});

test("example pages-site does what its README says", async (t) => {
  const session = await serve(t, join(root, "examples/pages-site"));
  assert.equal((await fetch(session.url + "/api/notes/shopping", { method: "PUT", body: "buy milk" })).status, 204);
  assert.deepEqual(JSON.parse(await session.get("/api/notes")), ["shopping"]);
  assert.equal(await session.get("/api/notes/shopping"), "buy milk");
  const none = await fetch(session.url + "/api/notes/none");
  assert.deepEqual([none.status, none.headers.get("cache-control")], [404, "no-store"]);
  assert.match(await session.get("/"), /<title>Notes/);
});
