// selvage's own commands against a platform: the path from a token to a worker that answers, and
// what follows.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commands, succeeding } from "../support/commands.mjs";
import { platform } from "../support/platform.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, program, project, run, temporaryFolder, until } from "../support/selvage.mjs";

describe("the commands of a platform", () => {
  let it;
  const life = lifetime();
  const started = platform(life).then((platform) => (it = platform));
  const suite = (name, body) =>
    test(name, async (t) => {
      await started;
      const variables = { SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: it.token };
      const attempt = commands(temporaryFolder(t), variables);
      await body(t, succeeding(attempt), attempt);
    });

  suite("a login is kept for its platform only", async (t) => {
    const home = temporaryFolder(t);
    const here = temporaryFolder(t);
    const attempt = commands(home);
    assert.match(attempt(here, ["whoami"]).stderr, /not logged in to .*\n.*selvage login/);
    assert.match(attempt(here, ["login", "--url", it.api]).stderr, /there is no token to log in with\n.*token create/);
    assert.match(attempt(here, ["login", "--token", "slv_wrong", "--url", it.api]).stderr, /does not know this token/);
    const logged = attempt(here, ["login", "--token", "-", "--url", it.api], `${it.token}\n`);
    assert.equal(logged.status, 0, logged.stderr);
    assert.match(logged.stdout, /Logged in to .* as the account main/);
    const file = join(home, "config/selvage/credentials.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(JSON.parse(readFileSync(file, "utf8")).account, it.account);
    const who = JSON.parse(succeeding(attempt)(here, ["whoami", "--json"]));
    assert.deepEqual([who.url, who.account.id, who.token.scope], [it.api, it.account, "write"]);
    // Another platform gets neither this token nor Cloudflare's.
    for (const more of [{}, { CLOUDFLARE_API_TOKEN: "of-cloudflare" }]) {
      const elsewhere = commands(home, { SELVAGE_API_URL: "http://127.0.0.1:1/client/v4", ...more });
      assert.match(elsewhere(here, ["whoami"]).stderr, /not logged in to http:\/\/127\.0\.0\.1:1/);
    }
    // Where wrangler is told to go there, what it is told counts.
    const asWrangler = commands(temporaryFolder(t), { CLOUDFLARE_API_BASE_URL: it.api, CLOUDFLARE_API_TOKEN: it.token });
    assert.match(succeeding(asWrangler)(here, ["whoami"]), /account {3}main/);
    assert.equal(attempt(here, ["logout"]).stdout, "Logged out.\n");
    assert.ok(!existsSync(file));
    assert.equal(attempt(here, ["whoami"]).status, 1);
  });

  suite("says when nobody answers, or somebody else", (t) => {
    const here = temporaryFolder(t);
    const nobody = commands(here, { SELVAGE_API_TOKEN: "x", SELVAGE_API_URL: "http://127.0.0.1:1" })(here, ["whoami"]);
    assert.equal(nobody.status, 1);
    assert.match(nobody.stderr, /no platform answers at http:\/\/127\.0\.0\.1:1: .*refused\n.*selvage serve/);
    const other = commands(here, { SELVAGE_API_TOKEN: "x", SELVAGE_API_URL: it.url + "/client/v4" })(here, ["whoami"]);
    assert.match(other.stderr, /not as a platform's API does\n.*client\/v4/);
    assert.match(commands(here)(here, ["whoami", "--url", "ftp://x"]).stderr, /is not the URL of an API/);
  });

  suite("the whole path: init, deploy, KV, Durable Object", async (t, selvage) => {
    const folder = temporaryFolder(t);
    selvage(folder, ["init", "my-api"]);
    const home = join(folder, "my-api");
    const first = selvage(home, ["deploy"]);
    assert.match(first, /^Made the KV namespace your_kv_id\nDeployed my-api in \d+ ms\n {2}http:\/\/my-api\.localhost:\d+\n {2}version [0-9a-f-]{36}\n$/);
    assert.match(await it.text("my-api"), /Hello from the edge/);
    assert.deepEqual(JSON.parse(await it.text("my-api", "/cached")), { message: "Fresh data" });
    assert.equal(await it.text("my-api", "/visits"), "1");
    writeFileSync(join(home, "src/index.ts"), readFileSync(join(home, "src/index.ts"), "utf8").replace("Hello from", "Back at"));
    const again = JSON.parse(selvage(home, ["deploy", "--json", "--message", "reworded", "--tag", "v2"]));
    assert.deepEqual(again.made_kv_namespaces, []);
    assert.equal(again.urls.length, 1);
    assert.match(await it.text("my-api"), /Back at the edge/);
    assert.equal(await it.text("my-api", "/visits"), "2", "what the object stored stays");
    const [newest] = JSON.parse(selvage(home, ["versions", "list", "--json"]));
    assert.equal(newest.id, again.version_id);
    assert.equal(newest.annotations["workers/message"], "reworded");
    assert.equal(newest.annotations["workers/tag"], "v2");
  });

  suite("every template can be deployed as it is made", async (t, selvage) => {
    const folder = temporaryFolder(t);
    for (const [template, path, expected] of [
      ["hello-typescript", "/?name=Ada", /^Hello, Ada!\n$/],
      ["hello-javascript", "/", /^Hello, world!\n$/],
      ["cron-job", "/", /has not run yet/],
      ["chat", "/", /<!doctype html>/i],
      ["static-site", "/guide/", /<!doctype html>/i],
      ["static-site", "/api/time", /now/],
    ]) {
      const name = `made-${template}`;
      if (!existsSync(join(folder, name))) selvage(folder, ["init", name, "--template", template]);
      selvage(join(folder, name), ["deploy"]);
      assert.match(await it.text(name, path), expected);
    }
  });

  suite("what is too large is said to be", async (t, selvage, attempt) => {
    const source = `globalThis.text = "${"a".repeat(75 << 20)}"; export default { fetch: () => new Response() };`;
    const { status, stderr } = attempt(project(t, { name: "large", source }), ["deploy"]);
    assert.equal(status, 1);
    assert.match(stderr, /larger than http\S+ takes\n.*64 MiB/);
  });

  suite("each deployment is live when the command returns", async (t, selvage) => {
    const folder = project(t, { name: "quick", source: "export default { fetch: () => new Response('x') }" });
    for (let i = 0; i < 5; ++i) {
      writeFileSync(join(folder, "index.js"), `export default { fetch: () => new Response("${i}") }`);
      selvage(folder, ["deploy"]);
      assert.equal(await it.text("quick"), String(i));
    }
  });

  suite("versions are uploaded, previewed, shared out and rolled back", async (t, selvage, attempt) => {
    const folder = project(t, { name: "many", source: "export default { fetch: () => new Response('one') }" });
    assert.match(attempt(folder, ["versions", "upload"]).stderr, /there is no worker many .*\n.*selvage deploy/);
    const one = JSON.parse(selvage(folder, ["deploy", "--json"])).version_id;
    writeFileSync(join(folder, "index.js"), "export default { fetch: () => new Response('two') }");
    const uploaded = JSON.parse(selvage(folder, ["versions", "upload", "--json"]));
    const two = uploaded.version_id;
    assert.equal(await it.text("many"), "one");
    assert.equal(new URL(uploaded.preview_url).host, `${two.slice(0, 8)}-many.localhost:${it.port}`);
    assert.equal(await it.text(`${two.slice(0, 8)}-many`), "two");
    assert.match(selvage(folder, ["versions", "view", two.slice(0, 8)]), /^version {3}.*\nnumber {4}2\n[\s\S]*handlers {2}fetch\n/);

    selvage(folder, ["versions", "deploy", `${two}@25%`, one.slice(0, 8), "--message", "a quarter"]);
    const status = JSON.parse(selvage(folder, ["deployments", "status", "--json"]));
    assert.deepEqual(status.versions, [{ version_id: two, percentage: 25 }, { version_id: one, percentage: 75 }]);
    const seen = new Set();
    for (let i = 0; i < 100 && seen.size < 2; ++i) seen.add(await it.text("many"));
    assert.deepEqual([...seen].sort(), ["one", "two"]);
    assert.match(attempt(folder, ["versions", "deploy", `${two}@25%`, `${one}@70%`]).stderr, /add up to 95%/);
    assert.match(attempt(folder, ["versions", "deploy", `${two}@x`]).stderr, /is not a version with a percentage\n.*@10%/);
    assert.match(attempt(folder, ["versions", "deploy", "ffffffff"]).stderr, /no version of many .* ffffffff\n.*versions list/);

    selvage(folder, ["versions", "deploy", two]);
    assert.equal(await it.text("many"), "two");
    selvage(folder, ["rollback"]);
    assert.equal(await it.text("many"), "one");
    selvage(folder, ["rollback", two.slice(0, 8), "--message", "no, forward"]);
    assert.equal(await it.text("many"), "two");
    const messages = JSON.parse(selvage(folder, ["deployments", "list", "--json"])).map((each) => each.annotations["workers/message"]);
    assert.deepEqual(messages.slice(0, 2), ["no, forward", "Rollback"]);
  });

  suite("secrets are set, listed and deleted, and deployments keep them", async (t, selvage, attempt) => {
    const source = "export default { fetch: (_, env) => Response.json({ a: env.A, b: env.B, key: env.KEY, plain: env.PLAIN }) }";
    const folder = project(t, { name: "secretive", source, config: "[vars]\nPLAIN = \"p\"\nKEY = \"of the configuration\"\n", files: { ".dev.vars": "KEY=dev\nLOCAL=1" } });
    assert.match(attempt(folder, ["secret", "put", "A"], "x").stderr, /does not exist/);
    selvage(folder, ["deploy"]);
    const answer = async () => JSON.parse(await it.text("secretive"));
    assert.deepEqual(await answer(), { plain: "p", key: "of the configuration" }, ".dev.vars is not uploaded");
    assert.equal(selvage(folder, ["secret", "put", "A"], "geheim\n"), "Set A of secretive.\n");
    assert.equal((await answer()).a, "geheim");
    selvage(folder, ["deploy"]);
    assert.equal((await answer()).a, "geheim");
    selvage(folder, ["secret", "bulk"], JSON.stringify({ A: null, B: "two" }));
    assert.deepEqual(JSON.parse(selvage(folder, ["secret", "list", "--json"])).map((each) => each.name), ["B"]);
    writeFileSync(join(folder, "more.env"), "A='again'\n# nothing\nC=\"c\"\n");
    selvage(folder, ["secret", "bulk", "more.env"]);
    assert.deepEqual([(await answer()).a, (await answer()).b], ["again", "two"]);
    selvage(folder, ["secret", "delete", "B"]);
    assert.equal((await answer()).b, undefined);
    assert.match(attempt(folder, ["secret", "delete", "B"]).stderr, /secretive has no secret B\n.*`selvage secret list`/);
    assert.match(attempt(folder, ["secret", "put", "PLAIN"], "x").stderr, /already in use/);
    assert.match(attempt(folder, ["secret", "put", "X"], "").stderr, /is empty/);
    assert.ok(!selvage(folder, ["secret", "list"]).includes("again"));
  });

  suite("secrets of a version do not answer before it is deployed", async (t, selvage, attempt) => {
    const folder = project(t, { name: "versioned", source: "export default { fetch: (_, env) => new Response(`${env.A} ${env.B}`) }" });
    const one = JSON.parse(selvage(folder, ["deploy", "--json"])).version_id;
    selvage(folder, ["secret", "put", "A"], "1");
    const said = selvage(folder, ["versions", "secret", "put", "B", "--message", "with B", "--tag", "b"], "2");
    const [, id] = /^Set B of versioned, in a version that does not answer yet\n {2}version (\S+)\n {2}deploy it: selvage versions deploy \1\n$/.exec(said);
    assert.equal(await it.text("versioned"), "1 undefined");
    const [newest] = JSON.parse(selvage(folder, ["versions", "list", "--json"]));
    assert.deepEqual([newest.id, newest.annotations["workers/message"], newest.annotations["workers/tag"]], [id, "with B", "b"]);
    const names = (...args) => JSON.parse(selvage(folder, ["versions", "secret", "list", "--json", ...args])).map((each) => each.name);
    assert.deepEqual([names(), names("--latest-version")], [["A"], ["A", "B"]]);
    // What is newest does not answer: a secret that is set at once would leave it out.
    assert.match(attempt(folder, ["secret", "put", "C"], "3").stderr, /newest version of versioned is not .*deployed.*`selvage versions secret put`/);
    selvage(folder, ["versions", "deploy", id]);
    assert.equal(await it.text("versioned"), "1 2");
    assert.match(selvage(folder, ["versions", "secret", "list"]), new RegExp(`^${id} +100% +A$`, "m"));
    selvage(folder, ["rollback", one]);
    assert.match(attempt(folder, ["secret", "put", "C"], "3").stderr, /`selvage versions secret put`/);
    const bulk = JSON.parse(selvage(folder, ["versions", "secret", "bulk", "--json"], JSON.stringify({ A: null, C: "3" })));
    assert.deepEqual([bulk.set, bulk.deleted, bulk.worker], [1, 1, "versioned"]);
    assert.deepEqual(names("--latest-version"), ["B", "C"]);
    assert.match(attempt(folder, ["versions", "secret", "delete", "A"]).stderr, /has no secret A\n/);
    selvage(folder, ["versions", "secret", "delete", "B"]);
    assert.deepEqual(names("--latest-version"), ["C"]);
    assert.equal(await it.text("versioned"), "undefined undefined");
  });

  suite("migrations, crons and routes go along", async (t, selvage) => {
    const source = `import { DurableObject } from "cloudflare:workers";
      export class One extends DurableObject { async fetch() { const n = ((await this.ctx.storage.get("n")) ?? 0) + 1; await this.ctx.storage.put("n", n); return new Response(String(n)); } }
      export default { fetch: (request, env) => env.ONE.getByName("x").fetch(request), scheduled() {} }`;
    const binding = `[[durable_objects.bindings]]\nname = "ONE"\nclass_name = "One"\n`;
    const first = `${binding}[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["One"]\n`;
    const folder = project(t, { name: "lively", source, config: `routes = ["lively.example/x/*"]\n[triggers]\ncrons = ["0 0 1 1 *"]\n${first}` });
    selvage(folder, ["deploy"]);
    assert.equal(await it.text("lively"), "1");
    assert.deepEqual((await it.result("GET", "/workers/scripts/lively/schedules")).schedules.map((each) => each.cron), ["0 0 1 1 *"]);
    const { ask } = await import("../support/requests.mjs");
    assert.equal((await ask(it.port, "/x/y", { host: "lively.example" })).text, "2");
    writeFileSync(join(folder, "index.js"), source.replaceAll("One", "Two"));
    const toml = readFileSync(join(folder, "wrangler.toml"), "utf8").replace('class_name = "One"', 'class_name = "Two"');
    writeFileSync(join(folder, "wrangler.toml"), `${toml}[[migrations]]\ntag = "v2"\nrenamed_classes = [{ from = "One", to = "Two" }]\n`);
    selvage(folder, ["deploy"]);
    assert.equal(await it.text("lively"), "3", "the object has another class now");
    selvage(folder, ["deploy"]);
    assert.equal(await it.text("lively"), "4");
  });

  suite("triggers are set without a new version", async (t, selvage, attempt) => {
    const source = "export default { fetch: () => new Response('here'), scheduled() {} }";
    const folder = project(t, { name: "started", source });
    assert.match(attempt(folder, ["triggers", "deploy"]).stderr, /there is no worker started to start\n.*selvage deploy/);
    selvage(folder, ["deploy"]);
    assert.match(selvage(folder, ["triggers", "deploy"]), /names none, and none was changed/);
    const config = join(folder, "wrangler.toml");
    writeFileSync(config, readFileSync(config, "utf8") + 'routes = ["started.example/x/*"]\n[triggers]\ncrons = ["0 0 1 1 *"]\n');
    const routes = async () => (await ask(it.port, "/x/1", { host: "started.example" })).text;
    assert.match(selvage(folder, ["triggers", "deploy", "--dry-run"]), /^Would set the triggers of started\n {2}cron 0 0 1 1 \*\n {2}route started\.example\/x\/\*\n$/);
    assert.notEqual(await routes(), "here");
    assert.match(selvage(folder, ["triggers", "deploy"]), /^Set the triggers of started\n {2}cron/);
    assert.equal(await routes(), "here");
    const crons = async () => (await it.result("GET", "/workers/scripts/started/schedules")).schedules.map((each) => each.cron);
    assert.deepEqual(await crons(), ["0 0 1 1 *"]);
    const said = JSON.parse(selvage(folder, ["triggers", "deploy", "--schedule", "5 4 * * *", "--json"]));
    assert.deepEqual([said.crons, await crons()], [["5 4 * * *"], ["5 4 * * *"]]);
    assert.equal(attempt(folder, ["triggers", "deploy", "--schedule", "never"]).status, 1);
    assert.equal(JSON.parse(selvage(folder, ["versions", "list", "--json"])).length, 1);
  });

  suite("KV of the platform: keys, bulk, namespaces, exports", async (t, selvage, attempt) => {
    const source = "export default { fetch: async (request, env) => new Response(await env.CACHE.get(new URL(request.url).pathname.slice(1))) }";
    const folder = project(t, { name: "caching", source, config: "[[kv_namespaces]]\nbinding = \"CACHE\"\n" });
    assert.match(selvage(folder, ["deploy"]), /Made the KV namespace caching-cache\n/);
    const kv = (...args) => selvage(folder, ["kv", ...args, "--remote"]);
    kv("key", "put", "a b", "value", "--binding", "CACHE", "--metadata", '{"m":1}', "--ttl", "600");
    const shown = JSON.parse(kv("key", "get", "a b", "--json", "--binding", "CACHE"));
    assert.deepEqual([shown.value, shown.metadata], ["value", { m: 1 }]);
    assert.ok(shown.expiration > Date.now() / 1000 + 500);
    kv("key", "put", "plain", "text", "--binding", "CACHE");
    assert.equal(await it.text("caching", "/plain"), "text");
    assert.equal(kv("key", "get", "plain", "--binding", "CACHE"), "text");
    assert.deepEqual(JSON.parse(kv("key", "list", "--binding", "CACHE", "--prefix", "a")).map((each) => each.name), ["a b"]);
    const missing = attempt(folder, ["kv", "key", "get", "nothing", "--binding", "CACHE", "--remote"]);
    assert.equal(missing.status, 1);

    writeFileSync(join(folder, "all.json"), JSON.stringify([{ key: "x", value: "AAH/", base64: true }, { key: "y", value: "1" }]));
    kv("bulk", "put", "all.json", "--namespace-id", "caching-cache");
    const lines = kv("export", "--binding", "CACHE").trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map((each) => each.key), ["a b", "plain", "x", "y"]);
    assert.deepEqual([lines[2].value, lines[2].base64], ["AAH/", true]);
    writeFileSync(join(folder, "keys.json"), JSON.stringify(["x", "y"]));
    kv("bulk", "delete", "keys.json", "--binding", "CACHE");
    kv("key", "delete", "plain", "--binding", "CACHE");
    assert.deepEqual(JSON.parse(kv("key", "list", "--binding", "CACHE")).map((each) => each.name), ["a b"]);

    const made = kv("namespace", "create", "more");
    const id = /^id = "([0-9a-f]{32})"$/m.exec(made)[1];
    assert.ok(JSON.parse(kv("namespace", "list")).some((each) => each.id === id && each.title === "more"));
    kv("namespace", "rename", "more", "--new-name", "less");
    kv("namespace", "delete", "--namespace-id", id);
    assert.match(attempt(folder, ["kv", "key", "list", "--namespace-id", "less", "--remote"]).stderr, /no KV namespace "less"\n.*namespace list --remote/);
    // Without --remote it is this machine's.
    assert.match(attempt(folder, ["kv", "key", "list", "--binding", "CACHE"]).stderr, /there is no state in/);
  });

  suite("what cannot be deployed changes nothing", async (t, selvage, attempt) => {
    const folder = project(t, { name: "steady", source: "export default { fetch: () => new Response('good') }" });
    selvage(folder, ["deploy"]);
    for (const [source, config, expected] of [
      ["let a = ;", "", /index\.js:1:8[\s\S]*nothing was uploaded/],
      ["throw new Error('at the start')", "", /at the start/],
      ["export const nothing = 1", "", /No event handlers were registered|event handlers/],
      ["export default { fetch() {} }", "[[kv_namespaces]]\nbinding = \"K\"\nid = \"0123456789abcdef0123456789abcdef\"\n", /has no KV namespace 0123456789abcdef/],
      ["export default { fetch() {} }", "[[services]]\nbinding = \"S\"\nservice = \"nowhere\"\n", /names the Worker nowhere/],
    ]) {
      writeFileSync(join(folder, "index.js"), source);
      writeFileSync(join(folder, "wrangler.toml"), `name = "steady"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n${config}`);
      const { status, stdout, stderr } = attempt(folder, ["deploy"]);
      assert.equal(status, 1, source);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert.equal(await it.text("steady"), "good");
    }
  });

  suite("a Pages site is not taken for a worker", async (t, selvage, attempt) => {
    const folder = temporaryFolder(t);
    selvage(folder, ["init", "site", "--template", "pages-site"]);
    assert.match(attempt(join(folder, "site"), ["deploy"]).stderr, /not deployed as a worker\n.*`selvage pages deploy`/);
  });

  suite("a dry run needs no platform", (t) => {
    const folder = project(t, { name: "dry", source: "export default { fetch() {} }", config: "[vars]\nA = \"b\"\n" });
    const offline = succeeding(commands(folder));
    assert.match(offline(folder, ["deploy", "--dry-run"]), /^dry: 1 module, [\s\S]*index\.js +application\/javascript\+module[\s\S]*A +plain_text b[\s\S]*Nothing was uploaded/);
    const plan = JSON.parse(offline(folder, ["deploy", "--dry-run", "--json"]));
    assert.deepEqual(plan.metadata.bindings, [{ name: "A", text: "b", type: "plain_text" }]);
  });

  suite("a token that may read changes nothing; one that is revoked is worth nothing", async (t, selvage) => {
    const folder = project(t, { name: "looked-at", source: "export default { fetch: () => new Response('x') }" });
    selvage(folder, ["deploy"]);
    const data = it.data;
    const reader = JSON.parse(run(["token", "create", "reader", "--read-only", "--json", "--data", data]).stdout);
    const attempt = commands(temporaryFolder(t), { SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: reader.token });
    assert.equal(JSON.parse(succeeding(attempt)(folder, ["versions", "list", "--json"])).length, 1);
    const refused = attempt(folder, ["deploy"]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /the token may only read/);
    run(["token", "revoke", reader.id, "--data", data]);
    assert.match(attempt(folder, ["versions", "list"]).stderr, /does not know this token\n.*selvage login/);
  });

  suite("a worker is followed from elsewhere", async (t, selvage) => {
    const source = "export default { fetch(request) { console.log('saw', new URL(request.url).pathname); return new Response('x'); } }";
    const folder = project(t, { name: "followed", source });
    selvage(folder, ["deploy"]);
    const child = spawn(program, ["tail", "--remote", "--search", "saw"], {
      cwd: folder, stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, NO_COLOR: "1", SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: it.token },
    });
    t.after(() => child.kill());
    let text = "";
    const until = async (pattern) => {
      for (let i = 0; i < 400 && !pattern.test(text); ++i) await new Promise((resolve) => setTimeout(resolve, 25));
      assert.match(text, pattern);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more) => (text += more));
    await until(/Waiting for events/);
    await it.text("followed", "/here");
    await until(/GET http:\/\/followed\S*\/here - Ok 200[\s\S]*\(log\) saw \/here/);
  });

  suite("what was kept of a worker is found from elsewhere, by its account alone", async (t, selvage, attempt) => {
    const source = `export default { fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/quiet") return new Response();
      console.log("saw", pathname);
      if (pathname === "/bad") throw new Error("on purpose");
      return new Response(); } }`;
    const folder = project(t, { name: "keeper", source });
    selvage(folder, ["deploy"]);
    const before = new Date().toISOString();
    for (const path of ["/one", "/quiet", "/two", "/bad"]) await it.ask("keeper", path);
    const logs = (...args) => selvage(folder, ["logs", "--remote", "--json", ...args]).split("\n").slice(0, -1).map((line) => JSON.parse(line));
    await until(() => logs().length === 3, "the events to be kept");
    const paths = (...args) => logs(...args).map((each) => new URL(each.event.request.url).pathname);
    assert.deepEqual(paths(), ["/one", "/two", "/bad"]);
    assert.deepEqual(paths("--status", "error"), ["/bad"]);
    assert.deepEqual(paths("--search", "/two"), ["/two"]);
    assert.deepEqual(paths("--limit", "2"), ["/two", "/bad"]);
    assert.deepEqual([paths("--since", before).length, paths("--until", "2026-01-01").length], [3, 0]);
    assert.deepEqual(paths("--version-id", "other"), []);
    assert.equal(logs()[0].scriptName, "keeper");
    assert.match(selvage(folder, ["logs", "keeper", "--remote", "--status", "exception"]), /GET http:\/\/keeper\S*\/bad - Exception[^]*on purpose/);
    assert.match(attempt(folder, ["logs", "--remote", "--limit", "1001"]).stderr, /more than 1000/);
    assert.match(attempt(folder, ["logs", "nobody", "--remote"]).stderr, /does not exist/);

    // Another account has a worker of this name, and sees its own events.
    const data = ["--data", it.data];
    run(["account", "create", "Stranger", ...data]);
    const { token } = JSON.parse(run(["token", "create", "t", "--account", "Stranger", "--json", ...data]).stdout);
    const stranger = commands(temporaryFolder(t), { SELVAGE_API_URL: it.api, SELVAGE_API_TOKEN: token });
    assert.match(stranger(folder, ["logs", "--remote"]).stderr, /does not exist/);
    succeeding(stranger)(folder, ["deploy"]);
    assert.equal(succeeding(stranger)(folder, ["logs", "--remote", "--json"]), "");
    await it.ask("keeper.stranger", "/theirs");
    let seen = "";
    await until(() => (seen = succeeding(stranger)(folder, ["logs", "--remote", "--json"])) !== "", "their event");
    const event = JSON.parse(seen);
    assert.deepEqual([event.scriptName, new URL(event.event.request.url).pathname], ["keeper", "/theirs"]);
    assert.deepEqual(paths(), ["/one", "/two", "/bad"]);
    for (const query of ["since=x", "limit=-1", "until=1.5"]) {
      assert.equal((await it.call("GET", `/workers/scripts/keeper/logs?${query}`)).status, 400, query);
    }
    assert.equal((await it.call("GET", "/workers/scripts/keeper/logs", undefined, { token })).status, 403);
  });

  suite("what Durable Objects store is seen from elsewhere, and changed by who may write", async (t, selvage, attempt) => {
    const source = `import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject {
        async fetch(request) {
          const text = new URL(request.url).pathname.slice(1);
          this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS said(text)");
          this.ctx.storage.sql.exec("INSERT INTO said VALUES(?)", text);
          await this.ctx.storage.put("last", { text });
          return new Response(this.ctx.id.toString());
        }
      }
      export default { fetch: (request, env) => env.ROOMS.getByName(new URL(request.url).searchParams.get("room")).fetch(request) };`;
    const config = '[[durable_objects.bindings]]\nname = "ROOMS"\nclass_name = "Room"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Room"]\n';
    const here = await platform(t, "--object-idle", "200");
    const as = (token) => commands(temporaryFolder(t), { SELVAGE_API_URL: here.api, SELVAGE_API_TOKEN: token });
    const token = (...args) => JSON.parse(run(["token", "create", "t", "--json", "--data", here.data, ...args]).stdout).token;
    const owner = as(here.token);
    const folder = project(t, { name: "rooms", source, config });
    succeeding(owner)(folder, ["deploy"]);
    const lobby = await here.text("rooms", "/hello?room=lobby");
    const attic = await here.text("rooms", "/dust?room=attic");

    const reader = as(token("--read-only"));
    const look = (...args) => succeeding(reader)(folder, ["do", ...args, "--remote"]);
    const [space] = JSON.parse(look("list", "--json"));
    assert.deepEqual([space.worker, space.class, space.objects], ["rooms", "Room", 2]);
    assert.deepEqual(JSON.parse(look("list", "Room", "--json")).map((each) => each.id).sort(), [lobby, attic].sort());
    const shown = JSON.parse(look("show", "ROOMS", "--name", "lobby", "--json"));
    assert.deepEqual([shown.id, shown.entries], [lobby, [{ key: "last", value: { text: "hello" } }]]);
    assert.deepEqual(JSON.parse(look("sql", "rooms/Room", attic.slice(0, 12), "SELECT text FROM said", "--json")), [{ text: "dust" }]);
    assert.match(reader(folder, ["do", "sql", "Room", attic, "DELETE FROM said", "--remote"]).stderr, /this statement writes/);
    look("export", "Room", lobby, join(folder, "lobby.sqlite"));
    assert.equal(readFileSync(join(folder, "lobby.sqlite")).subarray(0, 15).toString(), "SQLite format 3");
    assert.match(reader(folder, ["do", "show", "Room", "0".repeat(64), "--remote"]).stderr, /stores nothing/);
    assert.match(reader(folder, ["do", "list", "Rooms", "--remote"]).stderr, /no Durable Objects of Rooms\n.*rooms\/Room/);
    assert.match(reader(folder, ["do", "delete", "Room", lobby, "--remote"]).stderr, /the token may only read/);

    run(["account", "create", "Stranger", "--data", here.data]);
    const theirs = { token: token("--account", "Stranger") };
    assert.deepEqual(JSON.parse(succeeding(as(theirs.token))(folder, ["do", "list", "--remote", "--json"])), []);
    theirs.account = JSON.parse(run(["account", "list", "--json", "--data", here.data]).stdout).find((each) => each.name === "Stranger").id;
    const path = `/workers/durable_objects/namespaces/${space.id}/objects`;
    for (const [method, more] of [["GET", ""], ["GET", "?name=lobby"], ["GET", `/${lobby}/database`], ["GET", `/${lobby}/history`], ["POST", `/${lobby}/restore`], ["DELETE", `/${lobby}`], ["DELETE", ""]]) {
      assert.equal((await here.call(method, path + more, undefined, theirs)).status, 404, `${method} ${more}`);
    }
    const [first, second] = [await here.call("GET", `${path}?limit=1`), await here.call("GET", path)];
    assert.deepEqual([first.body.result.length, first.body.result_info.cursor], [1, second.body.result[0].id]);
    assert.equal((await here.call("GET", `${path}?limit=1&cursor=${first.body.result_info.cursor}`)).body.result[0].id, second.body.result[1].id);
    for (const id of ["x", "..%2f..%2fplatform", lobby.toUpperCase().replace(/[0-9]/g, "G")]) {
      assert.notEqual((await here.call("GET", `${path}/${id}/database`)).status, 200, id);
    }

    const { history } = shown;
    assert.ok(Date.parse(history.since) <= Date.parse(history.changed), JSON.stringify(history));
    assert.equal((await here.call("GET", `${path}/${lobby}/history?time=soon`)).status, 400);
    assert.equal((await here.call("POST", `${path}/${lobby}/restore`, {})).status, 400);
    await here.text("rooms", "/later?room=lobby");
    const back = ["do", "restore", "Room", "--name", "lobby", "--bookmark", history.bookmark, "--json", "--remote"];
    assert.match(reader(folder, back).stderr, /the token may only read/);
    let restored;
    await until(() => (restored = owner(folder, back)).status === 0, "the object to leave memory");
    assert.deepEqual(JSON.parse(look("show", "Room", lobby, "--json")).entries, shown.entries);
    assert.equal(JSON.parse(restored.stdout).bookmark, history.bookmark);
    succeeding(owner)(folder, ["do", "restore", "Room", lobby, "--bookmark", JSON.parse(restored.stdout).undo, "--remote"]);
    assert.deepEqual(JSON.parse(look("show", "Room", lobby, "--json")).entries, [{ key: "last", value: { text: "later" } }]);

    await until(() => owner(folder, ["do", "delete", "Room", lobby, "--remote"]).status === 0, "the object to leave memory");
    assert.deepEqual(JSON.parse(look("list", "Room", "--json")).map((each) => each.id), [attic]);
    succeeding(owner)(folder, ["do", "delete", "Room", "--all", "--remote"]);
    assert.deepEqual(JSON.parse(look("list", "Room", "--json")), []);
    assert.equal(await here.text("rooms", "/again?room=attic"), attic);
    assert.deepEqual(JSON.parse(look("sql", "Room", attic, "SELECT text FROM said", "--json")), [{ text: "again" }]);
  });

  suite("a backup of the running platform is a platform", async (t, selvage) => {
    const folder = temporaryFolder(t);
    selvage(folder, ["init", "kept"]);
    selvage(join(folder, "kept"), ["deploy"]);
    selvage(join(folder, "kept"), ["secret", "put", "S"], "geheim");
    assert.equal(await it.text("kept", "/visits"), "1");
    selvage(folder, ["init", "files", "--template", "static-site"]);
    selvage(join(folder, "files"), ["deploy"]);
    assert.match(selvage(folder, ["backup", "b", "--data", it.data]), /^Backed up to /);
    assert.equal(await it.text("kept", "/visits"), "2");
    selvage(folder, ["restore", "b", "--data", "r"]);
    const other = await platform(t, "--data", join(folder, "r"));
    assert.equal(await other.text("kept", "/visits"), "2", "as of the backup, and on from there");
    assert.match(await other.text("files", "/guide/"), /<!doctype html>/i);
    const there = succeeding(commands(folder, { SELVAGE_API_URL: other.api, SELVAGE_API_TOKEN: it.token }));
    assert.deepEqual(JSON.parse(there(join(folder, "kept"), ["secret", "list", "--json"])).map((each) => each.name), ["S"]);
    there(join(folder, "kept"), ["deploy"]);
    assert.match(await other.text("kept"), /Hello from the edge/);
  });

  suite("environments are workers of their own, and a worker is deleted", async (t, selvage, attempt) => {
    const folder = project(t, {
      name: "shop", source: "export default { fetch: (_, env) => new Response(env.WHERE) }",
      config: "[vars]\nWHERE = \"production\"\n[env.staging.vars]\nWHERE = \"staging\"\n",
    });
    selvage(folder, ["deploy"]);
    selvage(folder, ["deploy", "--env", "staging"]);
    assert.equal(await it.text("shop"), "production");
    assert.equal(await it.text("shop-staging"), "staging");
    assert.equal(selvage(folder, ["delete", "--env", "staging"]), "Deleted shop-staging.\n");
    assert.equal((await it.ask("shop-staging")).status, 404);
    const caller = project(t, { name: "caller", source: "export default { fetch() {} }", config: "[[services]]\nbinding = \"S\"\nservice = \"shop\"\n" });
    selvage(caller, ["deploy"]);
    assert.match(attempt(folder, ["delete"]).stderr, /--force/);
    selvage(temporaryFolder(t), ["delete", "shop", "--force"]);
    assert.equal((await it.ask("shop")).status, 404);
    assert.match(attempt(temporaryFolder(t), ["versions", "list"]).stderr, /which worker\?\n.*--name WORKER/);
  });
});
