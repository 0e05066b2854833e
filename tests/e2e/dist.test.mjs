// The npm package, unpacked where npm would put it, far from the repository.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, Session, temporaryFolder } from "./selvage.mjs";

test("the npm package works outside the repository", async (t) => {
  const packed = spawnSync(join(root, "x"), ["dist"], { encoding: "utf8" });
  assert.equal(packed.status, 0, packed.stdout + packed.stderr);
  const [tarball] = readdirSync(join(root, "dist")).filter((name) => name.endsWith(".tgz"));

  const folder = temporaryFolder(t);
  const modules = join(folder, "lib/node_modules");
  mkdirSync(join(modules, "selvage"), { recursive: true });
  const unpacked = spawnSync("tar", ["-xzf", join(root, "dist", tarball), "-C", join(modules, "selvage"), "--strip-components=1"]);
  assert.equal(unpacked.status, 0);
  const description = JSON.parse(readFileSync(join(modules, "selvage/package.json"), "utf8"));
  for (const [name, version] of Object.entries(description.dependencies)) {
    const installed = join(root, "node_modules", name);
    assert.equal(JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).version, version);
    mkdirSync(join(modules, name, ".."), { recursive: true });
    symlinkSync(installed, join(modules, name));
  }
  mkdirSync(join(folder, "bin"));
  symlinkSync("../lib/node_modules/selvage/bin/selvage", join(folder, "bin/selvage"));

  const installed = join(folder, "bin/selvage");
  const environment = { PATH: "/usr/bin:/bin", NO_COLOR: "1" };
  const made = spawnSync(installed, ["init", "api"], { cwd: folder, env: environment, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const session = new Session(t, ["dev", "--port", "0"], { cwd: join(folder, "api"), env: environment, program: installed });
  await session.ready();
  assert.equal(await session.get("/"), "Hello from the edge 🚀");
  assert.equal(await session.get("/visits"), "1");
});
