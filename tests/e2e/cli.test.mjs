// What the command line says, without an engine.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { run, temporaryFolder } from "./selvage.mjs";

describe("help", () => {
  test("the program lists its commands", () => {
    for (const args of [[], ["help"], ["--help"]]) {
      const { status, stdout } = run(args);
      assert.equal(status, 0);
      for (const command of ["init", "dev", "serve", "version", "help"]) assert.match(stdout, new RegExp(`^  ${command} `, "m"));
    }
  });

  test("each command explains itself, by --help and by help", () => {
    for (const command of ["init", "dev", "serve", "version", "help"]) {
      const { status, stdout } = run([command, "--help"]);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`selvage ${command}`));
      assert.equal(run(["help", command]).stdout, stdout);
    }
    assert.match(run(["serve", "--help"]).stdout, /--drain-timeout MS/);
  });

  test("the version is a version", () => {
    assert.match(run(["version"]).stdout, /^selvage \d+\.\d+\.\d+\n$/);
    assert.match(run(["--version"]).stdout, /^selvage \d+\.\d+\.\d+\n$/);
  });
});

describe("typing mistakes", () => {
  for (const [args, expected] of [
    [["dve"], /there is no command "dve"; did you mean dev\?/],
    [["sevre", "x"], /did you mean serve\?/],
    [["frobnicate"], /there is no command "frobnicate"\n.*selvage help/],
    [["dev", "--prot", "1"], /did you mean --port\?/],
    [["serve", ".", "--thread=2"], /did you mean --threads\?/],
    [["init"], /NAME is required/],
    [["dev", "--port", "ninety"], /--port/],
    [["dev", "--port", "70000"], /--port/],
    [["dev", "--threads", "0"], /--threads/],
    [["help", "serv"], /did you mean serve\?/],
  ]) {
    test(`selvage ${args.join(" ")}`, () => {
      const { status, stdout, stderr } = run(args);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^error: /);
      assert.match(stderr, expected);
    });
  }
});

describe("init", () => {
  test("makes a project that carries the folder's name", (t) => {
    const folder = temporaryFolder(t);
    const { status, stdout } = run(["init", "My Shop"], { cwd: folder });
    assert.equal(status, 0);
    assert.match(stdout, /selvage dev/);
    assert.match(readFileSync(join(folder, "My Shop/wrangler.toml"), "utf8"), /^name = "my-shop"$/m);
    assert.ok(existsSync(join(folder, "My Shop/src/index.ts")));
    assert.equal(JSON.parse(readFileSync(join(folder, "My Shop/package.json"), "utf8")).name, "my-shop");
  });

  test("works in an empty folder, and says so", (t) => {
    const folder = temporaryFolder(t);
    const { status, stdout } = run(["init", "."], { cwd: folder });
    assert.equal(status, 0);
    assert.match(stdout, /Next:\n\n {2}selvage dev\n/);
  });

  test("touches nothing that exists", (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "precious"), "1");
    const { status, stderr } = run(["init", folder]);
    assert.equal(status, 1);
    assert.match(stderr, /exists and is not empty\n.*nothing was written/);
    assert.ok(!existsSync(join(folder, "wrangler.toml")));
  });

  test("says why a folder cannot be written", (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "file"), "");
    const { status, stderr } = run(["init", join(folder, "file/project")]);
    assert.equal(status, 1);
    assert.match(stderr, /cannot write/);
  });
});

describe("serve refuses", () => {
  const serve = (folder, files, args = []) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return run(["serve", ".", "--port", "0", ...args], { cwd: folder });
  };
  const start = `main = "a.js"\ncompatibility_date = "2026-01-01"\n`;

  for (const [what, files, expected, args] of [
    ["a folder without configuration", {}, /there is no wrangler\.json, wrangler\.jsonc or wrangler\.toml.*\n.*selvage init/],
    ["wrong syntax", { "wrangler.toml": "a = \n" }, /wrangler\.toml:1: error: /],
    ["a wrong type", { "wrangler.toml": `${start}minify = 1`, "a.js": "" },
      /wrangler\.toml:3: error: "minify" should be true or false, but is a number; for example: minify = true/],
    ["a script that is missing", { "wrangler.toml": start, "b.js": "" }, /wrangler\.toml:1: "main" names a\.js, which does not exist; did you mean b\.js\?/],
    ["a script with a mistake", { "wrangler.toml": start, "a.js": "let a = ;" }, /a\.js:1:8/],
    ["an import of nothing", { "wrangler.toml": start, "a.js": "import 'nothing'" }, /Could not resolve "nothing"/],
    ["a class that is not exported",
      { "wrangler.toml": `${start}[[durable_objects.bindings]]\nname = "C"\nclass_name = "C"`, "a.js": "export default {}" },
      /binding C needs the class C, but a\.js does not export it/],
    ["an environment that is not there", { "wrangler.toml": `${start}[env.staging]`, "a.js": "" },
      /there is no environment "stagin"; did you mean "staging"\?/, ["--env", "stagin"]],
    ["an address that is none", { "wrangler.toml": start, "a.js": "" }, /"example\.com" is not an address/, ["--host", "example.com"]],
  ]) {
    test(what, (t) => {
      const { status, stderr } = serve(temporaryFolder(t), files, args);
      assert.equal(status, 1);
      assert.match(stderr, expected);
    });
  }

  test("a project that is not there", () => {
    const { status, stderr } = run(["serve", "/nowhere"]);
    assert.equal(status, 1);
    assert.match(stderr, /there is no project \/nowhere/);
  });
});
