// Unmodified wrangler deploys Pages to a platform: assets, Functions, branches.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, temporaryFolder } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };

describe("wrangler pages", () => {
  const life = lifetime();
  let it, folder;
  const write = (files) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  before(async () => {
    it = await platform(life);
    folder = temporaryFolder(life);
    write({
      "public/index.html": "<h1>home</h1>",
      "public/guide.html": "<h1>guide</h1>",
      "public/_headers": "/guide\n  X-Guide: yes\n",
      "public/_redirects": "/old /guide 301\n",
    });
  });
  async function wrangler(...args) {
    const outcome = await it.wrangler(folder, "pages", ...args);
    assert.equal(outcome.status, 0, outcome.output);
    return outcome.stdout;
  }
  const deploy = (...args) => wrangler("deploy", "public", "--project-name", "site", "--commit-dirty=true", ...args);
  const path_of_deployment = /http:\/\/([0-9a-f]{8}-site)\.localhost/;

  test("a project is created, and listed", limit, async () => {
    const said = await wrangler("project", "create", "site", "--production-branch", "main");
    assert.match(said, /Successfully created the 'site' project/);
    assert.match(await wrangler("project", "list"), /site\.localhost/);
    assert.match((await it.wrangler(folder, "pages", "project", "create", "site", "--production-branch", "main")).output, /already exists/);
    assert.equal((await it.ask("site")).status, 404, "nothing is deployed yet");
  });

  test("deploy to the production branch: assets, headers, redirects", limit, async () => {
    const said = await deploy("--branch", "main");
    assert.match(said, /Deployment complete/);
    assert.equal(await it.text("site"), "<h1>home</h1>");
    const guide = await it.ask("site", "/guide");
    assert.equal(guide.text, "<h1>guide</h1>");
    assert.equal(guide.headers["x-guide"], "yes");
    assert.equal((await it.ask("site", "/old")).headers.location, "/guide");
    assert.equal(await it.text(path_of_deployment.exec(said)[1]), "<h1>home</h1>");
  });

  test("Functions and secrets come with the next one, and unchanged files are not sent again", limit, async () => {
    const secret = it.startWrangler(folder, "pages", "secret", "put", "SECRET", "--project-name", "site");
    secret.child.stdin.end("hidden");
    const put = await secret.ended;
    assert.equal(put.status, 0, put.output);
    write({
      "functions/api/[name].js":
        "export const onRequestGet = ({ params, env }) => new Response(`hello ${params.name} ${env.SECRET}`);\n",
      "functions/api/_middleware.js":
        "export const onRequest = async ({ next }) => { const r = await next(); r.headers.set('x-middleware', 'yes'); return r; };\n",
    });
    const said = await deploy("--branch", "main");
    assert.match(said, /Uploaded 0 files \(2 already uploaded\)/);
    const answer = await it.ask("site", "/api/ada");
    assert.equal(answer.text, "hello ada hidden");
    assert.equal(answer.headers["x-middleware"], "yes");
    assert.equal(await it.text("site"), "<h1>home</h1>");
    const project = await it.result("GET", "/pages/projects/site");
    assert.doesNotMatch(JSON.stringify(project), /hidden|sealed/);
  });

  test("another branch has a URL of its own, and production stays", limit, async () => {
    write({ "public/index.html": "<h1>draft</h1>" });
    const said = await deploy("--branch", "draft");
    assert.equal(await it.text(path_of_deployment.exec(said)[1]), "<h1>draft</h1>");
    assert.equal(await it.text("site"), "<h1>home</h1>");
    const list = await wrangler("deployment", "list", "--project-name", "site");
    assert.match(list, /Preview/);
    assert.match(list, /draft/);
    assert.match(list, /Production/);
  });

  test("a deployment that cannot start is refused, and the one before goes on", limit, async () => {
    write({ "public/_worker.js": "throw new Error('no start');\nexport default {};\n" });
    const outcome = await it.wrangler(folder, "pages", "deploy", "public", "--project-name", "site", "--branch", "main");
    assert.notEqual(outcome.status, 0);
    assert.match(outcome.output, /no start/);
    assert.equal(await it.text("site", "/api/ada"), "hello ada hidden");
  });

  test("a worker cannot take a project's name, and is listed elsewhere", limit, async () => {
    await assert.rejects(it.deploy("site", "export default { fetch: () => new Response('worker') };"), /Pages project/);
    assert.deepEqual(await it.result("GET", "/workers/scripts"), []);
  });

  test("a project that is not there, contents without a token", limit, async () => {
    const missing = await it.wrangler(folder, "pages", "deployment", "list", "--project-name", "nothing");
    assert.match(missing.output, /Project not found/);
    const response = await fetch(`${it.api}/pages/assets/check-missing`, {
      method: "POST", headers: { Authorization: `Bearer ${it.token}` }, body: '{"hashes":[]}',
    });
    assert.equal(response.status, 401);
    assert.equal((await response.json()).errors[0].code, 8000013);
  });

  test("project delete", limit, async () => {
    await wrangler("project", "delete", "site", "--yes");
    assert.equal((await it.ask("site")).status, 404);
  });
});
