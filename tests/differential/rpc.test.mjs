// Cases of RPC on both runtimes, ours with one thread and with two: the same answers, or a
// difference that is listed with its reason.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { ask } from "../support/requests.mjs";
import { lifetime, serve } from "../support/selvage.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "rpc");
const projects = ["front", "back"].map((name) => join(folder, name));
const { rpc: expected } = JSON.parse(readFileSync(new URL("expectations.json", import.meta.url), "utf8"));

async function bundle(project) {
  const { outputFiles } = await build({
    entryPoints: [join(project, "index.js")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers"],
    logLevel: "error",
  });
  return outputFiles[0].text;
}

async function startWorkerd() {
  const [front, back] = await Promise.all(projects.map(bundle));
  const compatibilityDate = "2026-07-30";
  const miniflare = new Miniflare({
    workers: [
      {
        name: "front",
        modules: true,
        script: front,
        compatibilityDate,
        serviceBindings: {
          BACK: "back",
          NAMED: { name: "back", entrypoint: "Named", props: { role: "admin", level: 3 } },
          PLAIN: { name: "back", entrypoint: "plain" },
          SELF: { name: "front", entrypoint: "Own" },
        },
        durableObjects: {
          ROOM: { className: "Room", scriptName: "back" },
          OLD: { className: "Old", scriptName: "back" },
          HERE: "Here",
        },
      },
      {
        name: "back",
        modules: true,
        script: back,
        compatibilityDate,
        durableObjects: { ROOM: "Room", OLD: "Old" },
      },
    ],
  });
  const url = await miniflare.ready;
  after(() => miniflare.dispose());
  // Connections of their own: under load workerd closes idle ones just when they are used again.
  return async (path) => (await ask(Number(url.port), path, { host: url.host })).text;
}

const theirs = await startWorkerd();
const cases = JSON.parse(await theirs("/list"));
const answers = new Map();
for (const [group, name] of cases) {
  answers.set(`${group}: ${name}`, await theirs(`/${group}/${encodeURIComponent(name)}`));
}

for (const threads of [1, 2]) {
  describe(`with --threads ${threads}`, () => {
    const ours = serve(lifetime(), projects, "--threads", String(threads));
    for (const [group, name] of cases) {
      const id = `${group}: ${name}`;
      test(id, async () => {
        const { port } = await ours;
        const path = `/${group}/${encodeURIComponent(name)}`;
        const { text } = await ask(port, path, { host: "front.localhost" });
        if (Object.hasOwn(expected, id)) {
          assert.notEqual(text, answers.get(id), "no difference any more: take it from expectations.json");
        } else {
          assert.equal(text, answers.get(id));
        }
      });
    }
  });
}

test("every expectation names a case", () => {
  for (const id of Object.keys(expected)) assert.ok(answers.has(id), id);
});
