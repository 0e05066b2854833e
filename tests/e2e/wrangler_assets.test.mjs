// Unmodified wrangler brings static assets to a platform.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, project } from "../support/selvage.mjs";

describe("wrangler with assets", () => {
  const life = lifetime();
  let it;
  before(async () => {
    it = await platform(life);
  });
  const config = `[assets]
directory = "public"
binding = "ASSETS"
not_found_handling = "404-page"
run_worker_first = ["/api/*"]
`;
  const files = {
    "public/index.html": "<h1>home</h1>",
    "public/guide.html": "<h1>guide</h1>",
    "public/404.html": "<h1>nothing here</h1>",
    "public/style.css": "body { color: green }",
    "public/_headers": "/style.css\n  X-Style: yes\n",
    "public/_redirects": "/old /guide 301\n",
    "public/data.bin": Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  };
  const script = `export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/asset") return env.ASSETS.fetch(new URL("/style.css", request.url));
    return new Response("script " + pathname);
  } }`;

  async function deploy(folder, ...args) {
    const outcome = await it.wrangler(folder, "deploy", ...args);
    assert.equal(outcome.status, 0, outcome.output);
    return outcome.stdout;
  }

  let folder;
  test("deploys a site with a script, and its rules", async () => {
    folder = project(life, { name: "site", source: script, config, files });
    assert.match(await deploy(folder), /Uploaded 5 files|5 of 5/);
    const home = await it.ask("site");
    assert.equal(home.text, "<h1>home</h1>");
    assert.match(home.headers["content-type"], /text\/html/);
    assert.ok(home.headers.etag);
    const again = await it.ask("site", "/", { headers: { "if-none-match": home.headers.etag } });
    assert.equal(again.status, 304);
    assert.equal(await it.text("site", "/guide"), "<h1>guide</h1>");
    const old = await it.ask("site", "/old");
    assert.deepEqual([old.status, old.headers.location], [301, "/guide"]);
    const style = await it.ask("site", "/style.css");
    assert.equal(style.headers["x-style"], "yes");
    assert.equal(await it.text("site", "/api/x"), "script /api/x");
    assert.equal(await it.text("site", "/api/asset"), "body { color: green }");
    const missing = await it.ask("site", "/missing");
    assert.deepEqual([missing.status, missing.text], [404, "<h1>nothing here</h1>"]);
    assert.equal((await it.ask("site", "/data.bin")).headers["content-length"], "256");
  });

  test("sends only what is new", async () => {
    writeFileSync(join(folder, "public/style.css"), "body { color: red }");
    assert.match(await deploy(folder), /Uploaded 1 of 1 assets|1 new or modified/);
    assert.equal(await it.text("site", "/style.css"), "body { color: red }");
    assert.equal(await it.text("site"), "<h1>home</h1>");
    assert.match(await deploy(folder), /No updated asset files to upload/);
  });

  test("deploys a site without a script", async () => {
    const folder = project(life, { name: "files", source: "", files });
    writeFileSync(
      join(folder, "wrangler.toml"),
      `name = "files"\ncompatibility_date = "2026-01-01"\n[assets]\ndirectory = "public"\n`,
    );
    await deploy(folder);
    assert.equal(await it.text("files", "/guide"), "<h1>guide</h1>");
    assert.equal((await it.ask("files", "/missing")).status, 404);
  });

  test("a secret keeps the assets", async () => {
    const { child, ended } = it.startWrangler(folder, "secret", "put", "S");
    child.stdin.end("s\n");
    assert.equal((await ended).status, 0);
    assert.equal(await it.text("site"), "<h1>home</h1>");
  });
});
