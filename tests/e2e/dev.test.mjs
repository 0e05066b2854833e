// selvage dev: what a person at work meets.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isRunning, run, Session, temporaryFolder, until } from "./selvage.mjs";

const config = `name = "app"\nmain = "src/index.ts"\ncompatibility_date = "2026-01-01"\n`;
const says = (text) => `export default { fetch: () => new Response(${JSON.stringify(text)}) };\n`;

function project(t, files) {
  const folder = temporaryFolder(t);
  const write = (name, text) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries({ "wrangler.toml": config, ...files })) write(name, text);
  return { folder, write, path: (name) => join(folder, name) };
}

const dev = (t, folder, ...args) => new Session(t, ["dev", "--port", "0", ...args], { cwd: folder });

describe("reloading", () => {
  test("a save is answered by the new code", async (t) => {
    const { folder, write } = project(t, { "src/index.ts": says("one") });
    const session = await dev(t, folder).ready();
    assert.equal(await session.get(), "one");
    write("src/index.ts", says("two"));
    await session.waitFor(/Reloaded in \d+ ms/);
    assert.equal(await session.get(), "two");
  });

  test("an editor that saves by renaming is noticed", async (t) => {
    const { folder, write, path } = project(t, { "src/index.ts": says("one") });
    const session = await dev(t, folder).ready();
    for (const text of ["two", "three"]) {
      write("src/.index.ts.tmp", says(text));
      renameSync(path("src/.index.ts.tmp"), path("src/index.ts"));
      await session.waitFor(/Reloaded/);
      assert.equal(await session.get(), text);
    }
  });

  test("imports, also from outside the project, are watched", async (t) => {
    const { folder, write } = project(t, {
      "app/wrangler.toml": config,
      "app/src/index.ts": "import { text } from '../../shared/text';\nexport default { fetch: () => new Response(text) };\n",
      "shared/text.ts": "export const text = 'one';\n",
    });
    const session = await dev(t, join(folder, "app")).ready();
    assert.equal(await session.get(), "one");
    write("shared/text.ts", "export const text = 'two';\n");
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get(), "two");
  });

  test("a syntax error says where, and the last good version goes on", async (t) => {
    const { folder, write } = project(t, { "src/index.ts": says("good") });
    const session = await dev(t, folder).ready();
    write("src/index.ts", "export default {\n  fetch( {\n}");
    await session.waitFor(/src\/index\.ts:3:1/);
    await session.waitFor(/last good version goes on/);
    assert.equal(await session.get(), "good");
    write("src/index.ts", says("mended"));
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get(), "mended");
  });

  test("a project that starts broken answers with an error page, and recovers", async (t) => {
    const { folder, write } = project(t, { "src/index.ts": "import './missing';\n" + says("here") });
    const session = dev(t, folder);
    await session.waitFor(/Could not resolve ".\/missing"/);
    await session.ready();
    const response = await fetch(session.url);
    assert.ok(response.status >= 500, `status ${response.status}`);
    await response.text();
    write("src/missing.ts", "");
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get(), "here");
  });

  test("an error thrown while the new version starts leaves the old one", async (t) => {
    const { folder, write } = project(t, { "src/index.ts": says("good") });
    const session = await dev(t, folder).ready();
    write("src/index.ts", `throw new Error("not today");\n`);
    await session.waitFor(/not today/);
    assert.equal(await session.get(), "good");
  });

  test("the configuration is watched, too", async (t) => {
    const { folder, write } = project(t, {
      "src/index.ts": "export default { fetch: (_: Request, env: any) => new Response(env.A) };\n",
      "wrangler.toml": `${config}[vars]\nA = "one"\n`,
    });
    const session = await dev(t, folder).ready();
    assert.equal(await session.get(), "one");
    write("wrangler.toml", `${config}[vars]\nA = "two"\n`);
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get(), "two");
    write("wrangler.toml", `${config}[vars\n`);
    await session.waitFor(/wrangler\.toml:4: error/);
    assert.equal(await session.get(), "two");
    write("wrangler.toml", config);
    write(".dev.vars", "A=secret\n");
    await session.waitFor(/Reloaded/);
    await until(async () => (await session.get()) === "secret", "the secret is there");
    rmSync(join(folder, ".dev.vars"));
    await session.waitFor(/Reloaded/);
    await until(async () => (await session.get()) !== "secret", "the secret is gone");
  });

  test("a save without a change reloads nothing", async (t) => {
    const { folder, write } = project(t, { "src/index.ts": says("same") });
    const session = await dev(t, folder).ready();
    write("src/index.ts", says("same"));
    await session.waitFor(/Nothing changed/);
  });

  test("versions that nobody runs are removed", async (t) => {
    const { folder, write, path } = project(t, { "src/index.ts": says("0") });
    const session = await dev(t, folder).ready();
    for (let i = 1; i <= 4; ++i) {
      write("src/index.ts", says(String(i)));
      await session.waitFor(/Reloaded/);
    }
    assert.ok(readdirSync(path(".selvage/bundles/app")).length <= 2);
  });

  test("state is kept", async (t) => {
    const { folder, path } = project(t, {});
    run(["init", "api"], { cwd: folder });
    const session = await dev(t, path("api")).ready();
    assert.equal(await session.get("/visits"), "1");
    const source = readFileSync(path("api/src/index.ts"), "utf8");
    writeFileSync(path("api/src/index.ts"), source.replace("Hello", "Good morning"));
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get("/"), "Good morning from the edge 🚀");
    assert.equal(await session.get("/visits"), "2");
  });
});

describe("the session", () => {
  test("prints a line for each request", async (t) => {
    const { folder } = project(t, { "src/index.ts": says("x") });
    const session = await dev(t, folder).ready();
    await session.get("/some/path?q=1");
    await session.waitFor(/GET \/some\/path\S* 200/);
  });

  test("shows thrown errors with their place in the source", async (t) => {
    const { folder } = project(t, {
      "src/index.ts": "interface A {}\n\nexport default {\n  fetch(): Response {\n    throw new Error('what a pity');\n  },\n};\n",
    });
    const session = await dev(t, folder).ready();
    const response = await fetch(session.url);
    assert.equal(response.status, 500);
    assert.match(await response.text(), /what a pity/);
    await session.waitFor(/what a pity\n\s+at (\S*fetch \()?src\/index\.ts:5:\d+/);
  });

  test("takes port and address from the configuration, and the command line before it", async (t) => {
    const { folder } = project(t, {
      "src/index.ts": says("x"),
      "wrangler.toml": `${config}[dev]\nport = 0\nip = "127.0.0.1"\n`,
    });
    const session = await new Session(t, ["dev"], { cwd: folder }).ready();
    assert.notEqual(session.port, 8787);
  });

  test("answers on both addresses of localhost", async (t) => {
    const { folder } = project(t, { "src/index.ts": says("both") });
    const session = await dev(t, folder).ready();
    for (const host of ["127.0.0.1", "[::1]"]) {
      assert.equal(await (await fetch(`http://${host}:${session.port}`)).text(), "both");
    }
  });

  for (const signal of ["SIGINT", "SIGTERM"]) {
    test(`${signal} leaves nothing behind`, async (t) => {
      const { folder } = project(t, { "src/index.ts": says("x") });
      const session = await dev(t, folder).ready();
      await session.get();
      const children = session.children();
      assert.equal(children.length, 1);
      assert.equal(await session.stop(signal), 0);
      for (const pid of children) assert.ok(!isRunning(pid));
      await assert.rejects(fetch(session.url));
      await (await dev(t, folder).ready()).stop(); // the data folder is free again
    });
  }

  test("runs a script without configuration", async (t) => {
    const { folder } = project(t, { "hello.js": says("hello") });
    const session = await dev(t, folder, "hello.js").ready();
    assert.equal(await session.get(), "hello");
  });

  test("two projects answer by name and call each other", async (t) => {
    const { folder, write } = project(t, {
      "front/wrangler.toml": `${config.replace("app", "front")}[[services]]\nbinding = "BACK"\nservice = "back"\n`,
      "front/src/index.ts": "export default { fetch: (r: Request, env: any) => env.BACK.fetch(r) };\n",
      "back/wrangler.toml": config.replace("app", "back"),
      "back/src/index.ts": says("from the back"),
    });
    const session = await dev(t, folder, "front", "back").ready();
    const at = async (name) => {
      const { request } = await import("node:http");
      return await new Promise((resolve, reject) => {
        request({ port: session.port, host: "127.0.0.1", headers: { Host: `${name}.localhost:${session.port}` } }, (response) => {
          let text = "";
          response.on("data", (data) => (text += data)).on("end", () => resolve(text));
        }).on("error", reject).end();
      });
    };
    assert.equal(await at("front"), "from the back");
    write("back/src/index.ts", says("changed"));
    await session.waitFor(/Reloaded/);
    assert.equal(await at("front"), "changed");
    assert.equal(await at("back"), "changed");
  });

  test("a named environment is what runs", async (t) => {
    const { folder } = project(t, {
      "src/index.ts": "export default { fetch: (_: Request, env: any) => new Response(env.A) };\n",
      "wrangler.toml": `${config}[vars]\nA = "top"\n[env.staging]\nvars = { A = "staging" }\n`,
    });
    const session = await dev(t, folder, "--env", "staging").ready();
    assert.equal(await session.get(), "staging");
    assert.match(session.output, /app-staging/);
  });

  test("a build command makes what is run, again when what it watches changes", async (t) => {
    const { folder, write } = project(t, {
      "wrangler.toml": `${config.replace("src/index.ts", "out/index.js")}[build]\ncommand = "mkdir -p out && cp in/index.js out/"\nwatch_dir = "in"\n`,
      "in/index.js": says("made"),
    });
    const session = await dev(t, folder).ready();
    assert.equal(await session.get(), "made");
    write("in/index.js", says("made again"));
    await session.waitFor(/Reloaded/);
    assert.equal(await session.get(), "made again");
  });
});
