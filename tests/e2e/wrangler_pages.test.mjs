// Unmodified wrangler deploys Pages to a platform: assets, Functions, branches.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, run, temporaryFolder, writeFiles } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };

describe("wrangler pages", () => {
  const life = lifetime();
  let it, folder;
  const write = (files) => writeFiles(folder, files);
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
  const path_of_deployment = /http:\/\/([0-9a-f]{8}\.site)\.localhost/;

  test("a project is created, and listed", limit, async () => {
    const said = await wrangler("project", "create", "site", "--production-branch", "main");
    assert.match(said, /Successfully created the 'site' project/);
    assert.match(await wrangler("project", "list"), /site\.localhost/);
    assert.match((await it.wrangler(folder, "pages", "project", "create", "site", "--production-branch", "main")).output, /already exists/);
    const empty = await it.ask("site");
    assert.equal(empty.status, 404);
    assert.match(empty.text, /Nothing is deployed here yet/);
  });

  test("a preview answers before anything is in production", limit, async () => {
    const said = await deploy("--branch", "early/try");
    assert.equal(await it.text(path_of_deployment.exec(said)[1]), "<h1>home</h1>");
    assert.equal(await it.text("early-try.site"), "<h1>home</h1>");
    assert.equal((await it.ask("site")).status, 404);
    const [deployment] = await it.result("GET", "/pages/projects/site/deployments");
    assert.deepEqual(deployment.aliases, [`http://early-try.site.localhost:${it.port}`]);
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
    assert.equal(await it.text("draft.site"), "<h1>draft</h1>");
    assert.equal((await it.ask("main.site")).status, 404, "production has no alias");
  });

  test("a branch's URL shows its newest deployment; older ones and unaliased ones are deleted", limit, async () => {
    write({ "public/index.html": "<h1>second draft</h1>" });
    const second = path_of_deployment.exec(await deploy("--branch", "draft"))[1];
    assert.equal(await it.text("draft.site"), "<h1>second draft</h1>");
    const listed = await it.result("GET", "/pages/projects/site/deployments");
    const [newer, older] = listed.filter((each) => each.deployment_trigger.metadata.branch === "draft");
    assert.equal(older.aliases, null);
    assert.equal(await it.text(`${older.short_id}.site`), "<h1>draft</h1>");
    const remove = (id, ...args) => it.wrangler(folder, "pages", "deployment", "delete", id, "--project-name", "site", ...args);
    const unaliased = await remove(older.id, "--force");
    assert.equal(unaliased.status, 0, unaliased.output);
    assert.match(unaliased.stdout, /Successfully deleted deployment/);
    assert.equal((await it.ask(`${older.short_id}.site`)).status, 404);
    // wrangler does not delete without being told to, and --force is what the API wants for an alias.
    const path = `/pages/projects/site/deployments/${newer.id}`;
    const refused = await it.call("DELETE", path);
    assert.deepEqual([refused.status, refused.body.errors[0].code], [400, 8000035]);
    assert.equal(await it.text("draft.site"), "<h1>second draft</h1>");
    assert.equal((await remove(newer.id, "--force")).status, 0);
    for (const gone of ["draft.site", second]) assert.equal((await it.ask(gone)).status, 404);
    assert.equal((await it.call("GET", path)).body.errors[0].code, 8000009);
    assert.equal((await it.call("DELETE", path)).body.errors[0].code, 8000009);
  });

  test("what production answers with is not deleted, even by force", limit, async () => {
    const { canonical_deployment: live } = await it.result("GET", "/pages/projects/site");
    const refused = await it.wrangler(folder, "pages", "deployment", "delete", live.id, "--project-name", "site", "--force");
    assert.notEqual(refused.status, 0);
    assert.match(refused.output, /what the production branch of site answers with[\s\S]*8000034/);
    const before = (await it.result("GET", "/pages/projects/site/deployments?env=production")).find((each) => each.id !== live.id);
    await it.result("DELETE", `/pages/projects/site/deployments/${before.id}`);
    assert.equal(await it.text("site"), "<h1>home</h1>");
  });

  test("a deployment is followed with wrangler pages deployment tail", limit, async () => {
    const [live] = await it.result("GET", "/pages/projects/site/deployments?env=production");
    const tail = it.startWrangler(folder, "pages", "deployment", "tail", live.id, "--project-name", "site", "--format", "json");
    try {
      const path = `/pages/projects/site/deployments/${live.id}/tails`;
      while ((await it.result("GET", path)).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      while (!/api\/grace/.test(tail.outcome.stdout)) {
        await it.text("site", "/api/grace");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(JSON.parse(tail.outcome.stdout.slice(0, tail.outcome.stdout.indexOf("\n}") + 2)).outcome, "ok");
    } finally {
      tail.child.kill("SIGINT");
      await tail.ended;
    }
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

  test("nobody else's subdomain is a name below which previews answer", limit, async () => {
    const other = JSON.parse(run(["account", "create", "Other", "--json", "--data", it.data]).stdout);
    const { token } = JSON.parse(run(["token", "create", "t", "--account", other.id, "--json", "--data", it.data]).stdout);
    const as = { token, account: other.id };
    assert.equal((await it.call("PUT", "/workers/subdomain", { subdomain: "site" }, as)).status, 409);
    assert.equal((await it.call("POST", "/pages/projects", { name: other.subdomain }, undefined)).status, 409);
    assert.deepEqual(await it.result("GET", "/pages/projects", undefined, as), []);
    const [mine] = await it.result("GET", "/pages/projects/site/deployments");
    for (const [method, path] of [["GET", ""], ["GET", "/deployments"], ["DELETE", `/deployments/${mine.id}`], ["DELETE", ""]]) {
      const refused = await it.call(method, `/pages/projects/site${path}`, undefined, as);
      assert.deepEqual([refused.status, refused.body.errors[0].code], [404, 8000007], `${method} ${path}`);
    }
  });

  test("project delete, with its previews", limit, async () => {
    assert.equal(await it.text("early-try.site"), "<h1>home</h1>");
    await wrangler("project", "delete", "site", "--yes");
    for (const name of ["site", "early-try.site"]) assert.equal((await it.ask(name)).status, 404);
    await wrangler("project", "create", "site", "--production-branch", "main");
    assert.deepEqual(await it.result("GET", "/pages/projects/site/deployments"), []);
    assert.equal((await it.ask("early-try.site")).status, 404);
  });
});
