// Static assets under `selvage dev` and `selvage serve`, over real sockets.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { project, root, run, serve, Session, temporaryFolder, until, writeFiles } from "./selvage.mjs";

/** A folder with these files; wrangler.json says `config`. */
function site(t, config, files) {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "wrangler.json": JSON.stringify({ name: "site", compatibility_date: "2026-01-01", ...config }), ...files });
  return folder;
}

const ask = (session, path, headers = {}, method = "GET") =>
  new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port: session.port, path, method, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    }).on("error", reject).end();
  });

test("a worker without a script serves its files", async (t) => {
  const session = await serve(t, site(t, { assets: { directory: "public" } }, { "public/index.html": "<h1>hi</h1>", "public/a/b.txt": "b" }));
  assert.equal(await session.get("/"), "<h1>hi</h1>");
  assert.equal(await session.get("/a/b.txt"), "b");
  assert.equal((await fetch(session.url + "/none")).status, 404);
});

test("the script gets what no file has, and reaches its files by env.ASSETS", async (t) => {
  const folder = site(t, { main: "index.js", assets: { directory: "public", binding: "ASSETS" } }, {
    "public/a.txt": "asset",
    "index.js": `export default { async fetch(request, env) {
      const url = new URL(request.url);
      if (url.pathname === "/through") {
        const answers = await Promise.all([env.ASSETS.fetch("https://any.example/a.txt"), env.ASSETS.fetch(new Request(new URL("/none", url)))]);
        return Response.json([await answers[0].text(), answers[0].headers.get("content-type"), answers[1].status]);
      }
      return new Response("script");
    } }`,
  });
  const session = await serve(t, folder);
  assert.equal(await session.get("/a.txt"), "asset");
  assert.equal(await session.get("/other"), "script");
  assert.deepEqual(JSON.parse(await session.get("/through")), ["asset", "text/plain; charset=utf-8", 404]);
});

test("a service binding to a worker asks its assets as a client would", async (t) => {
  const site2 = site(t, { name: "site", assets: { directory: "public" } }, { "public/a.txt": "asset" });
  const caller = project(t, {
    name: "caller",
    config: '[[services]]\nbinding = "SITE"\nservice = "site"\n',
    source: 'export default { async fetch(request, env) { const answer = await env.SITE.fetch(request); return new Response(answer.status + " " + await answer.text()); } }',
  });
  const session = await serve(t, [caller, site2]);
  const answer = await ask(session, "/a.txt", { Host: `caller.localhost:${session.port}` });
  assert.equal(answer.body.toString(), "200 asset");
  assert.equal((await ask(session, "/x", { Host: `caller.localhost:${session.port}` })).body.toString(), "404 ");
});

test("selvage dev: what is saved is what the next request gets", async (t) => {
  const folder = site(t, { assets: { directory: "public" } }, { "public/index.html": "one" });
  const session = await new Session(t, ["dev", folder, "--port", "0"]).ready();
  assert.equal(await session.get("/"), "one");
  writeFileSync(join(folder, "public/index.html"), "two");
  await until(async () => (await session.get("/")) === "two", "the changed file");
  mkdirSync(join(folder, "public/new"));
  writeFileSync(join(folder, "public/new/page.html"), "page");
  await until(async () => (await session.get("/new/page")) === "page", "the new file");
  writeFileSync(join(folder, "public/_headers"), "/*\n  x-a: b\n");
  await until(async () => (await fetch(session.url + "/")).headers.get("x-a") === "b", "the new header");
  rmSync(join(folder, "public/new/page.html"));
  await until(async () => (await fetch(session.url + "/new/page")).status === 404, "the removed file");
});

test("mistakes in _headers and _redirects are named with their line", async (t) => {
  const folder = site(t, { assets: { directory: "public" } }, {
    "public/index.html": "x",
    "public/_redirects": "/a /b\n/* /index.html 200\n",
    "public/_headers": "/*\n  no colon\n  x-a: b\n",
  });
  const session = await serve(t, folder);
  assert.match(session.output, /public\/_redirects:2: warning: this rule redirects for ever/);
  assert.match(session.output, /public\/_headers:2: warning: a header is written/);
});

test("errors of the configuration name the key", async (t) => {
  const bad = async (assets, pattern) => {
    const session = new Session(t, ["serve", site(t, { assets }, { "public/a": "" }), "--port", "0", "--data", temporaryFolder(t)]);
    assert.notEqual(await session.exited, 0);
    assert.match(session.output, pattern);
  };
  await bad({ directory: "public", html_handling: "maybe" }, /"assets.html_handling": "maybe" is none of auto-trailing-slash/);
  await bad({ directory: "none" }, /the folder of assets \S+none does not exist/);
  await bad({ directory: "public", run_worker_first: ["api"] }, /assets.run_worker_first: the rule "api" begins neither/);
});

test("compressed copies are made once, and chosen by Accept-Encoding", async (t) => {
  const text = "all work and no play ".repeat(2000);
  const session = await serve(t, site(t, { assets: { directory: "public" } }, { "public/a.txt": text, "public/a.png": randomBytes(5000) }));
  const coded = async (accepted, coding) =>
    until(async () => {
      const answer = await ask(session, "/a.txt", { "Accept-Encoding": accepted });
      return answer.headers["content-encoding"] === coding && answer;
    }, `a copy in ${coding}`);
  const br = await coded("gzip, br", "br");
  assert.equal(brotliDecompressSync(br.body).toString(), text);
  assert.equal(br.headers.vary, "Accept-Encoding");
  assert.match(br.headers.etag, /^W\//);
  const gzip = await coded("gzip;q=1, br;q=0.5", "gzip");
  assert.equal(gunzipSync(gzip.body).toString(), text);
  const zstd = await coded("gzip, zstd", "zstd");
  assert.equal(zstdDecompressSync(zstd.body).toString(), text);
  const plain = await ask(session, "/a.txt", { "Accept-Encoding": "identity" });
  assert.equal(plain.body.toString(), text);
  assert.equal(br.headers.etag, "W/" + plain.headers.etag);
  assert.equal((await ask(session, "/a.txt", { "Accept-Encoding": "br", "If-None-Match": br.headers.etag })).status, 304);
  assert.equal((await ask(session, "/a.png", { "Accept-Encoding": "br" })).headers["content-encoding"], undefined);
});

test("large files: whole, in parts, and at the pace of a slow client", async (t) => {
  const content = randomBytes(12 << 20);
  const session = await serve(t, site(t, { assets: { directory: "public" } }, { "public/big.bin": content }));
  const whole = await ask(session, "/big.bin");
  const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(hash(whole.body), hash(content));
  const part = await ask(session, "/big.bin", { Range: "bytes=5000000-6999999" });
  assert.equal(part.status, 206);
  assert.equal(part.headers["content-range"], `bytes 5000000-6999999/${content.length}`);
  assert.equal(hash(part.body), hash(content.subarray(5000000, 7000000)));
  assert.equal((await ask(session, "/big.bin", { Range: `bytes=${content.length}-` })).status, 416);
  // Clients that read nothing do not keep others waiting.
  const idle = Array.from({ length: 20 }, () => {
    const socket = connect(session.port, "127.0.0.1");
    socket.write("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    return socket.pause();
  });
  assert.equal((await ask(session, "/big.bin", { Range: "bytes=0-9" })).body.length, 10);
  for (const socket of idle) socket.destroy();
});

test("no path leads out of the folder", async (t) => {
  const folder = site(t, { assets: { directory: "public" } }, { "public/a.txt": "a", "secret.txt": "secret", "public/.assetsignore": "hidden\n", "public/hidden/x": "x" });
  const session = await serve(t, folder);
  const paths = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/..\\secret.txt", "/a.txt/../../secret.txt",
    "//../secret.txt", "/%5c..%5csecret.txt", "/hidden/x", "/.assetsignore", "/%00", "/a.txt%00", `/${folder}/secret.txt`];
  for (const path of paths) {
    const answer = await ask(session, path);
    assert.ok(answer.status === 404 || answer.status === 307, `${path}: ${answer.status}`);
    assert.ok(!answer.body.includes("secret"), path);
  }
});

test("example static-site does what its README says", async (t) => {
  const session = await serve(t, join(root, "examples/static-site"));
  const home = await ask(session, "/");
  assert.equal(home.status, 200);
  assert.equal(home.headers["x-content-type-options"], "nosniff");
  assert.equal((await ask(session, "/", { "If-None-Match": home.headers.etag })).status, 304);
  assert.equal((await ask(session, "/guide")).headers.location, "/guide/");
  const manual = await ask(session, "/manual/x");
  assert.deepEqual([manual.status, manual.headers.location], [301, "/guide/x"]);
  assert.equal((await ask(session, "/style.css")).headers["cache-control"], "public, max-age=3600");
  assert.equal((await ask(session, "/", { Range: "bytes=0-14" })).status, 206);
  assert.match(await session.get("/api/time"), /now/);
});

test("selvage init makes a site of a template", async (t) => {
  const folder = temporaryFolder(t);
  for (const template of ["static-site", "pages-site"]) {
    const made = run(["init", "my-site", "--template", template], { cwd: folder });
    assert.equal(made.status, 0, made.stderr);
    const session = await serve(t, join(folder, "my-site"));
    assert.match(await session.get("/"), /<!doctype html>/);
    rmSync(join(folder, "my-site"), { recursive: true });
  }
  const unknown = run(["init", "other", "--template", "nothing"], { cwd: folder });
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /There are: edge-api, .*static-site, pages-site/);
});
