// What the command line does for a platform without asking one: tokens and accounts, types,
// completions.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { project, run, temporaryFolder } from "./selvage.mjs";

describe("tokens", () => {
  test("are made, listed without what is secret, and revoked", (t) => {
    const cwd = temporaryFolder(t);
    const made = run(["token", "create", "ci"], { cwd });
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^slv_[0-9a-f]{64}\n$/);
    assert.match(made.stderr, /account main .* read and write/);
    const reader = JSON.parse(run(["token", "create", "look", "--read-only", "--json"], { cwd }).stdout);
    assert.equal(reader.scope, "read");
    assert.match(reader.token, /^slv_/);

    const listed = run(["token", "list", "--json"], { cwd }).stdout;
    assert.ok(!listed.includes(reader.token) && !listed.includes(made.stdout.trim()));
    assert.deepEqual(JSON.parse(listed).map((each) => [each.name, each.scope, each.account.name]), [
      ["ci", "write", "main"],
      ["look", "read", "main"],
    ]);
    assert.match(run(["token", "list"], { cwd }).stdout, /^NAME +ID +SCOPE/);

    assert.match(run(["token", "revoke", "ci"], { cwd }).stdout, /^Revoked ci \([0-9a-f]{32}\)\.\n$/);
    assert.equal(run(["token", "revoke", reader.id], { cwd }).status, 0);
    assert.deepEqual(JSON.parse(run(["token", "list", "--json"], { cwd }).stdout), []);
    const again = run(["token", "revoke", "ci"], { cwd });
    assert.equal(again.status, 1);
    assert.match(again.stderr, /there is no token "ci"\n.*selvage token list/);
  });

  test("of two with a name, each is revoked by its id", (t) => {
    const cwd = temporaryFolder(t);
    const first = JSON.parse(run(["token", "create", "ci", "--json"], { cwd }).stdout);
    run(["token", "create", "ci"], { cwd });
    assert.match(run(["token", "revoke", "ci"], { cwd }).stderr, /several tokens are called "ci"/);
    assert.equal(run(["token", "revoke", first.id], { cwd }).status, 0);
    assert.equal(run(["token", "revoke", "ci"], { cwd }).status, 0);
  });

  test("can be for an account of their own", (t) => {
    const cwd = temporaryFolder(t);
    run(["token", "create"], { cwd });
    assert.match(run(["token", "create", "--account", "acme"], { cwd }).stderr, /there is no account "acme"\n.*account create acme/);
    assert.match(run(["account", "create", "acme", "--subdomain", "Acme Inc"], { cwd }).stdout, /Made the account acme/);
    assert.match(run(["account", "create", "acme"], { cwd }).stderr, /there is an account "acme" already/);
    assert.match(run(["account", "create", "other", "--subdomain", "acme-inc"], { cwd }).stderr, /the subdomain acme-inc is taken/);
    assert.match(run(["token", "create", "--account", "acne"], { cwd }).stderr, /did you mean acme\?/);
    assert.equal(run(["token", "create", "--account", "acme"], { cwd }).status, 0);
    assert.deepEqual(
      JSON.parse(run(["account", "list", "--json"], { cwd }).stdout).map((each) => [each.name, each.subdomain]),
      [["main", "main"], ["acme", "acme-inc"]],
    );
    assert.equal(JSON.parse(run(["token", "list", "--account", "acme", "--json"], { cwd }).stdout).length, 1);
  });

  test("are not looked for where no platform is", (t) => {
    const cwd = temporaryFolder(t);
    const { status, stderr } = run(["token", "list", "--data", "nothing"], { cwd });
    assert.equal(status, 1);
    assert.match(stderr, /no platform has its data in .*nothing\n.*--data DIR/);
    assert.ok(!existsSync(join(cwd, "nothing")));
  });
});

describe("types", () => {
  const config = `[vars]\nGREETING = "hi"\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "x"\n`;

  test("are written beside the configuration, and checked", (t) => {
    const cwd = project(t, { source: "export default {}", config, files: { ".dev.vars": "KEY=1" } });
    assert.equal(run(["types", "--check"], { cwd }).status, 1);
    const { status, stdout } = run(["types"], { cwd });
    assert.equal(status, 0);
    assert.equal(stdout, "Wrote worker-configuration.d.ts.\n");
    const text = readFileSync(join(cwd, "worker-configuration.d.ts"), "utf8");
    for (const line of ['GREETING: "hi";', "CACHE: KVNamespace;", "KEY: string;"]) assert.ok(text.includes(line), text);
    assert.equal(run(["types", "--check"], { cwd }).status, 0);
    assert.equal(run(["types", "-"], { cwd }).stdout, text);
    writeFileSync(join(cwd, ".dev.vars"), "OTHER=1");
    assert.match(run(["types", "--check"], { cwd }).stderr, /is not what the configuration says\n.*selvage types/);
  });

  test("of a configuration with a mistake are not", (t) => {
    const cwd = project(t, { source: "export default {}", config: "minify = 1\n" });
    const { status, stderr } = run(["types"], { cwd });
    assert.equal(status, 1);
    assert.match(stderr, /wrangler\.toml:4: error: "minify"/);
  });
});

describe("completions", () => {
  const complete = (...words) => {
    const script = run(["completions", "bash"]).stdout;
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _selvage; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", `${script}\n${ask}`], { encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout.split("\n").filter(Boolean);
  };

  test("bash completes commands and options where they stand", () => {
    assert.ok(complete("selvage", "").includes("serve"));
    assert.deepEqual(complete("selvage", "kv", "key", "p"), ["put"]);
    assert.deepEqual(complete("selvage", "token", ""), ["create", "list", "revoke"]);
    assert.deepEqual(complete("selvage", "token", "create", "--read"), ["--read-only"]);
    assert.deepEqual(complete("selvage", "pages", "project", ""), ["list", "create", "delete"]);
    assert.deepEqual(complete("selvage", "versions", "secret", "b"), ["bulk"]);
    assert.deepEqual(complete("selvage", "dev", ""), [], "files");
  });

  const missing = (shell) => (spawnSync(shell, ["--version"]).error ? `there is no ${shell}` : false);
  const script = (shell) => run(["completions", shell]).stdout;
  /** What a shell prints; it says nothing on standard error. */
  const printed = (t, shell, option, text) => {
    const home = temporaryFolder(t);
    writeFileSync(join(home, "script"), text);
    const { stdout, stderr, status } = spawnSync(shell, [option, join(home, "script")], { encoding: "utf8", env: { PATH: process.env.PATH, HOME: home } });
    assert.deepEqual([stderr, status], ["", 0]);
    return stdout.split("\n").filter(Boolean);
  };

  test("fish completes them with what they are", { skip: missing("fish") }, (t) => {
    const lines = ["selvage pages pro", "selvage pages project ", "selvage versions secret d", "selvage deploy --dry", "selvage secret --"];
    const ask = lines.map((line) => `complete -C '${line}'`).join("\necho -\n");
    const all = printed(t, "fish", "--no-config", `${script("fish")}\n${ask}\n`).join("\n");
    const [project, projects, secret, dry] = all.split("\n-\n").map((text) => text.split("\n"));
    assert.deepEqual(project, ["project\tPages projects: list, create, delete"]);
    assert.deepEqual(projects.map((each) => each.split("\t")[0]), ["create", "delete", "list"]);
    assert.deepEqual(secret, ["delete\tDelete a secret"]);
    assert.deepEqual(dry.map((each) => each.split("\t")[0]), ["--dry-run"]);
    assert.match(script("fish"), /Print what a shell needs to complete selvage\\'s commands/);
  });

  test("zsh completes them with what they are", { skip: missing("zsh") }, (t) => {
    // What the completion system would be asked to show.
    const stubs = "compdef() { }\n_describe() { local name=${@[-1]}; print -rl -- $1 ${(P)name} }\n_files() { print files }\n";
    const ask = (...words) => `words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=$#words; _selvage\n`;
    const complete = (...words) => printed(t, "zsh", "-f", `${stubs}${script("zsh")}${ask(...words)}`);
    assert.deepEqual(complete("selvage", "pages", "project", ""), [
      "command", "list:List the projects", "create:Make a project to deploy to", "delete:Delete a project, with its deployments",
    ]);
    const options = complete("selvage", "token", "create", "--");
    assert.equal(options[0], "-o");
    assert.ok(options.includes("--read-only:It may look, and change nothing"));
    assert.ok(complete("selvage", "").includes("completions:Print what a shell needs to complete selvage's commands"));
    assert.deepEqual(complete("selvage", "pages", "deploy", ""), ["files"]);
  });

  test("other shells are refused", () => {
    assert.match(script("zsh"), /^#compdef selvage\n/);
    const { status, stderr } = run(["completions", "tcsh"]);
    assert.equal(status, 2);
    assert.match(stderr, /there are no completions for "tcsh"/);
  });
});

