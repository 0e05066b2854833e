// selvage's own commands for Pages against a platform: projects, deployments, branches, secrets.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commands, succeeding } from "../support/commands.mjs";
import { platform } from "../support/platform.mjs";
import { lifetime, program, run, temporaryFolder, until, writeFiles } from "../support/selvage.mjs";

const site = (name, more = "") => `name = "${name}"\npages_build_output_dir = "public"\ncompatibility_date = "2026-01-01"\n${more}`;

describe("selvage pages", () => {
  let it;
  const life = lifetime();
  const started = platform(life).then((platform) => (it = platform));
  const suite = (name, body) =>
    test(name, async (t) => {
      await started;
      const attempt = commands(temporaryFolder(t), { SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: it.token });
      await body(t, succeeding(attempt), attempt);
    });

  suite("from a template to a site that answers", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    selvage(folder, ["init", "notes", "--template", "pages-site"]);
    const home = join(folder, "notes");
    assert.match(attempt(home, ["pages", "deploy"]).stderr, /there is no Pages project notes\n.*`selvage pages project create notes`/);
    assert.match(selvage(home, ["pages", "project", "create", "notes"]), /^Made the Pages project notes\n {2}notes\.localhost:\d+ answers when main is deployed/);
    assert.match(attempt(home, ["pages", "project", "create", "notes"]).stderr, /already exists/);
    assert.match(attempt(home, ["pages", "deploy", "--project-name", "note"]).stderr, /no Pages project note; did you mean notes\?/);

    const first = selvage(home, ["pages", "deploy"]);
    assert.match(first, /^Made the KV namespace notes\nDeployed notes in \d+ ms\n {2}http:\/\/notes\.localhost:\d+\n {2}http:\/\/[0-9a-f]{8}\.notes\.localhost:\d+\n {2}1 file uploaded\n {2}deployment [0-9a-f-]{36}\n$/);
    assert.match(await it.text("notes"), /<title>Notes/);
    assert.equal((await it.ask("notes", "/api/notes/shopping", { method: "PUT", body: "buy milk" })).status, 204);
    assert.equal(await it.text("notes", "/api/notes/shopping"), "buy milk");

    writeFiles(home, { "public/more.txt": "more" });
    const again = JSON.parse(selvage(home, ["pages", "deploy", "--json"]));
    assert.deepEqual([again.uploaded_files, again.known_files, again.environment, again.branch], [1, 1, "production", "main"]);
    assert.equal(await it.text("notes", "/more.txt"), "more");
    assert.equal(await it.text("notes", "/api/notes/shopping"), "buy milk");
    assert.equal(JSON.parse(selvage(home, ["pages", "deploy", "--skip-caching", "--json"])).uploaded_files, 2);
    assert.match(selvage(home, ["pages", "project", "list"]), /^notes +notes\.localhost:\d+ +main +\d{4}-/m);
  });

  suite("a branch has its URL, and git says which it is", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    const git = (...args) => execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    writeFiles(folder, { "wrangler.toml": site("branches"), "public/index.html": "one" });
    git("init", "-q", "-b", "Feature/One");
    git("add", ".");
    git("commit", "-q", "-m", "The first one");
    selvage(folder, ["pages", "project", "create", "branches", "--production-branch", "trunk"]);
    const { status, stdout, stderr } = attempt(folder, ["pages", "deploy"]);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "", "nothing is uncommitted");
    assert.match(stdout, /^Deployed the branch Feature\/One of branches in \d+ ms\n {2}http:\/\/feature-one\.branches\.localhost/);
    assert.equal(await it.text("feature-one.branches"), "one");
    assert.equal((await it.ask("branches")).status, 404, "production is another branch");
    const [deployment] = JSON.parse(selvage(folder, ["pages", "deployment", "list", "--json", "--environment", "preview"]));
    assert.deepEqual(deployment.deployment_trigger.metadata, {
      branch: "Feature/One", commit_dirty: false, commit_hash: String(git("rev-parse", "HEAD")).trim(), commit_message: "The first one",
    });
    writeFiles(folder, { "public/index.html": "two" });
    assert.match(attempt(folder, ["pages", "deploy", "--branch", "trunk"]).stderr, /^warning: .*not committed/);
    assert.equal(await it.text("branches"), "two");
    assert.equal(await it.text("feature-one.branches"), "one");
    const said = attempt(folder, ["pages", "deploy", "--commit-dirty=true", "--commit-hash", "0123456789", "--commit-message", "ü".repeat(300)]);
    assert.equal(said.stderr, "");
    const [newest] = JSON.parse(selvage(folder, ["pages", "deployment", "list", "--json"]));
    const { commit_hash, commit_dirty, commit_message } = newest.deployment_trigger.metadata;
    assert.deepEqual([commit_hash, commit_dirty, commit_message], ["0123456789", true, "ü".repeat(192)]);
    const elsewhere = JSON.parse(selvage(temporaryFolder(t), ["pages", "deploy", "--config", folder, "--commit-dirty", "--json"]));
    assert.equal(elsewhere.branch, "Feature/One", "the site's folder is asked, not where the command runs");
    selvage(folder, ["pages", "deployment", "delete", elsewhere.deployment_id, "--force"]);
    selvage(folder, ["pages", "deploy", "--commit-dirty=true", "--commit-hash", "0123456789"]);
    assert.match(selvage(folder, ["pages", "deployment", "list"]), /preview +Feature\/One +0123456 +\S+ \S+ +http:\/\/feature-one\.branches/);
  });

  suite("_worker.js, a folder of it, and what goes to it", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    selvage(folder, ["pages", "project", "create", "advanced", "--compatibility-date", "2026-02-03", "--compatibility-flags", "nodejs_compat"]);
    const deploy = (...args) => selvage(folder, ["pages", "deploy", "dist", "--project-name", "advanced", ...args]);
    writeFiles(folder, {
      "text.js": "export const text = 'bundled';",
      "dist/_worker.js": `import { text } from "../text.js"; import { Buffer } from "node:buffer";
        export default { fetch: (request, env) => request.url.endsWith("/say") ? new Response(text + Buffer.from("!")) : env.ASSETS.fetch(request) };`,
      "dist/index.html": "home",
      "dist/static/a.txt": "a",
      "dist/_headers": "/static/*\n  X-From: headers\n",
      "dist/_redirects": "/old /static/a.txt 302\n",
    });
    deploy();
    assert.equal(await it.text("advanced", "/say"), "bundled!");
    assert.equal(await it.text("advanced"), "home");
    assert.equal((await it.ask("advanced", "/static/a.txt")).headers["x-from"], "headers");
    assert.equal((await it.ask("advanced", "/old")).headers.location, "/static/a.txt");

    writeFiles(folder, {
      "dist/_routes.json": '{"version":1,"include":["/*"],"exclude":["/static/*"]}',
      "dist/_worker.js": "export default { fetch: () => new Response('script') };",
      "dist/module.js": "not a module of the worker, and no JavaScript",
    });
    deploy("--no-bundle");
    assert.equal(await it.text("advanced"), "script");
    assert.equal(await it.text("advanced", "/static/a.txt"), "a");

    writeFiles(folder, { "dist/_routes.json": '{"version":1,"include":["static"]}' });
    assert.match(attempt(folder, ["pages", "deploy", "dist", "--project-name", "advanced"]).stderr, /_routes\.json.*\n?.*begin with \//);
    assert.equal(await it.text("advanced"), "script");

    const other = temporaryFolder(t);
    writeFiles(other, {
      "out/_worker.js/index.js": 'import { text } from "./lib/text.js"; export default { fetch: () => new Response(text) };',
      "out/_worker.js/lib/text.js": "export const text = 'modules';",
    });
    selvage(other, ["pages", "deploy", "out", "--project-name", "advanced"]);
    assert.equal(await it.text("advanced"), "modules");
  });

  suite("what the configuration says is the deployment's, by environment", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, {
      "wrangler.toml": site("configured", '[vars]\nWHERE = "production"\n[env.preview.vars]\nWHERE = "preview"\n'),
      "public/index.html": "",
      "functions/where.js": "export const onRequest = ({ env }) => new Response(`${env.WHERE} ${env.SECRET ?? '-'}`);",
    });
    selvage(folder, ["pages", "project", "create", "configured"]);
    const secrets = (...args) => selvage(folder, ["pages", "secret", ...args]);
    selvage(folder, ["pages", "secret", "put", "SECRET"], "one\n");
    selvage(folder, ["pages", "secret", "bulk", "--env", "preview"], '{"SECRET": "two", "OTHER": "three"}');
    selvage(folder, ["pages", "deploy"]);
    selvage(folder, ["pages", "deploy", "--branch", "draft"]);
    assert.equal(await it.text("configured", "/where"), "production one");
    assert.equal(await it.text("draft.configured", "/where"), "preview two");
    assert.deepEqual(JSON.parse(secrets("list", "--env", "preview", "--json")).map((each) => each.name), ["OTHER", "SECRET"]);
    assert.match(secrets("delete", "SECRET"), /^Deleted SECRET of configured \(production\)/);
    assert.match(attempt(folder, ["pages", "secret", "delete", "SECRET"]).stderr, /configured \(production\) has no secret SECRET\n/);
    assert.match(attempt(folder, ["pages", "secret", "put", "EMPTY"], "\n").stderr, /is empty\n.*selvage pages secret put EMPTY`/);
    const elsewhere = ["pages", "secret", "put", "EMPTY", "--project-name", "configured", "--env", "preview"];
    assert.match(attempt(temporaryFolder(t), elsewhere, "\n").stderr, /pages secret put EMPTY --project-name configured --env preview`/);
    assert.equal(await it.text("configured", "/where"), "production one", "a deployment keeps what it has");
    selvage(folder, ["pages", "deploy"]);
    assert.equal(await it.text("configured", "/where"), "production -");

    // One that is a worker's is not taken for the site's.
    writeFiles(folder, { "wrangler.toml": 'name = "configured"\nmain = "x.js"\n[vars]\nWHERE = "worker"\n' });
    const outcome = attempt(folder, ["pages", "deploy", "public", "--project-name", "configured"]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stderr, /wrangler\.toml: warning: has no "pages_build_output_dir"/);
    assert.equal(await it.text("configured", "/where"), "undefined -");
  });

  suite("what cannot be deployed is said before anything is sent, and changes nothing", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "public/index.html": "good" });
    const args = ["pages", "deploy", "public", "--project-name", "steady"];
    selvage(folder, ["pages", "project", "create", "steady"]);
    selvage(folder, args);
    const refused = (expected, more = args) => {
      const { status, stdout, stderr } = attempt(folder, more);
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(stderr, expected);
    };
    refused(/the folder of assets .*nowhere does not exist\n.*Build the site first/, ["pages", "deploy", "nowhere", "--project-name", "steady"]);
    refused(/which Pages project\?\n.*--project-name/, ["pages", "deploy", "public"]);
    refused(/which folder is to be deployed\?\n.*pages_build_output_dir/, ["pages", "deploy", "--project-name", "steady"]);
    for (const [source, expected] of [
      ["let a = ;", /functions\/f\.js:1:8[\s\S]*nothing was uploaded/],
      ["throw new Error('at the start')", /at the start/],
    ]) {
      writeFiles(folder, { "functions/f.js": source });
      refused(expected);
    }
    assert.equal(await it.text("steady"), "good");
    const anonymous = commands(folder, { SELVAGE_API_URL: it.api })(folder, args);
    assert.match(anonymous.stderr, /not logged in to .*\n.*selvage login/);
    const settings = join(folder, "selvage.toml");
    writeFileSync(settings, "[limits.assets]\nmax_files = 2\nmax_file_bytes = 10\n");
    const narrow = await platform(t, "--settings", settings);
    const there = commands(folder, { SELVAGE_API_URL: narrow.api, SELVAGE_API_TOKEN: narrow.token });
    succeeding(there)(folder, ["pages", "project", "create", "narrow"]);
    const deploy = () => there(folder, ["pages", "deploy", "files", "--project-name", "narrow"]).stderr;
    writeFiles(folder, { "files/a.txt": "more than ten bytes", "functions/f.js": "" });
    assert.match(deploy(), /files\/a\.txt has 19 bytes, and at most 10 bytes are allowed\n.*Keep it out of the folder/);
    writeFiles(folder, { "files/a.txt": "a", "files/b.txt": "b", "files/c.txt": "c" });
    assert.match(deploy(), /more than 2 assets in .*files\n/);
    const bare = temporaryFolder(t);
    writeFiles(bare, { "out/_headers": "" });
    const empty = attempt(bare, ["pages", "deploy", "out", "--project-name", "steady"]);
    assert.equal(empty.status, 0, empty.stderr);
    assert.match(empty.stderr, /^warning: there are no files in .*out; /);
  });

  suite("deployments are followed and deleted", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, {
      "wrangler.toml": site("followed"), "public/index.html": "",
      "functions/say/[word].js": "export const onRequest = ({ params }) => { console.log('saw', params.word); return new Response('x'); };",
    });
    selvage(folder, ["pages", "project", "create", "followed"]);
    const deploy = (...args) => JSON.parse(selvage(folder, ["pages", "deploy", "--json", ...args]));
    const older = deploy();
    const live = deploy();
    const draft = deploy("--branch", "draft");
    const tail = spawn(program, ["pages", "deployment", "tail", "--format", "json"], {
      cwd: folder, stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, NO_COLOR: "1", SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: it.token },
    });
    t.after(() => tail.kill());
    let text = "";
    for (const stream of [tail.stdout, tail.stderr]) stream.setEncoding("utf8").on("data", (more) => (text += more));
    await until(async () => {
      await it.text("draft.followed", "/say/draft");
      await it.text("followed", "/say/hello");
      return text.includes("hello");
    }, "an event of production");
    assert.doesNotMatch(text, /draft/, "another deployment's");
    assert.deepEqual(JSON.parse(text.split("\n")[0]).logs[0].message, ["saw", "hello"]);

    const remove = (...args) => attempt(folder, ["pages", "deployment", "delete", ...args]);
    assert.match(remove(live.deployment_id).stderr, /what the production branch of followed answers with/);
    assert.match(remove(live.deployment_id, "--force").stderr, /what the production branch of followed answers with/);
    assert.equal(remove(older.deployment_id.slice(0, 8)).stdout, `Deleted the deployment ${older.deployment_id} of followed.\n`);
    assert.match(remove(older.deployment_id).stderr, /no deployment of followed is .*\n.*deployment list/);
    assert.match(remove(draft.urls[0]).stderr, /has its URL from this deployment.*--force/);
    assert.equal(remove(draft.urls[0], "--force").status, 0);
    assert.equal((await it.ask("draft.followed", "/say/x")).status, 404);
    assert.equal(await it.text("followed", "/say/x"), "x");
    assert.equal(selvage(folder, ["pages", "project", "delete", "followed"]), "Deleted the Pages project followed.\n");
    assert.equal((await it.ask("followed")).status, 404);
    assert.match(attempt(folder, ["pages", "project", "delete", "followed"]).stderr, /no Pages project followed/);
  });

  suite("a token that may read lists; another account's sees nothing", async (t, selvage) => {
    const folder = temporaryFolder(t);
    writeFiles(folder, { "wrangler.toml": site("mine"), "public/index.html": "mine" });
    selvage(folder, ["pages", "project", "create", "mine"]);
    selvage(folder, ["pages", "deploy"]);
    const as = (...args) => {
      const { token } = JSON.parse(run(["token", "create", "t", "--json", "--data", it.data, ...args]).stdout);
      return commands(temporaryFolder(t), { SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: token });
    };
    const reader = as("--read-only");
    assert.equal(JSON.parse(reader(folder, ["pages", "deployment", "list", "--json"]).stdout).length, 1);
    for (const args of [["deploy"], ["project", "create", "other"], ["project", "delete", "mine"], ["secret", "bulk", "wrangler.toml"]]) {
      assert.match(reader(folder, ["pages", ...args]).stderr, /the token may only read/, args.join(" "));
    }
    run(["account", "create", "Other", "--data", it.data]);
    const stranger = as("--account", "Other");
    assert.deepEqual(JSON.parse(stranger(folder, ["pages", "project", "list", "--json"]).stdout), []);
    for (const args of [["deploy"], ["deployment", "list"], ["deployment", "tail"], ["secret", "list"], ["project", "delete", "mine"]]) {
      assert.match(stranger(folder, ["pages", ...args]).stderr, /there is no Pages project mine\n/, args.join(" "));
    }
    assert.equal(await it.text("mine"), "mine");
  });
});
