// Every form in which a project may bring its code.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Session, temporaryFolder } from "./selvage.mjs";

const config = (main, rest = "") => `name = "app"\nmain = "${main}"\ncompatibility_date = "2026-01-01"\n${rest}`;

async function serve(t, files) {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return await new Session(t, ["serve", folder, "--port", "0", "--threads", "1"]).ready();
}

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const wasm = Buffer.from("0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b", "hex");

const usesAll = `
  import text from "./hello.txt";
  import page from "./page.html";
  import data from "./bytes.bin";
  import module from "./add.wasm";
  import json from "./numbers.json";
  export default {
    async fetch() {
      const { exports } = await WebAssembly.instantiate(module);
      return Response.json({
        text, page, data: [...new Uint8Array(data)], isModule: module instanceof WebAssembly.Module,
        sum: exports.add(2, 3), json,
      });
    },
  };`;
const assets = {
  "src/hello.txt": "hällo\n", "src/page.html": "<p>", "src/bytes.bin": Buffer.from([0, 255, 7]), "src/add.wasm": wasm,
  "src/numbers.json": "[1, 2]",
};

describe("modules", () => {
  test("texts, data, WebAssembly and JSON beside a bundle", async (t) => {
    const session = await serve(t, { "wrangler.toml": config("src/index.js"), "src/index.js": usesAll, ...assets });
    assert.deepEqual(JSON.parse(await session.get()), {
      text: "hällo\n", page: "<p>", data: [0, 255, 7], isModule: true, sum: 5, json: [1, 2],
    });
  });

  test("files as they are, without bundling", async (t) => {
    const session = await serve(t, {
      "wrangler.toml": config("src/index.js", "no_bundle = true\n"),
      "src/index.js": `
        import { one } from "./lib/one.mjs";
        import text from "./hello.txt";
        export default {
          async fetch() {
            const { two } = await import("./lib/two.mjs");
            return new Response(one + two + text);
          },
        };`,
      "src/lib/one.mjs": `export { one } from "./deep/one.mjs";`,
      "src/lib/deep/one.mjs": `export const one = 1;`,
      "src/lib/two.mjs": `export const two = "2";`,
      ...assets,
    });
    assert.equal(await session.get(), "12hällo\n");
  });

  test("modules that are found by a rule and imported by a computed name", async (t) => {
    const session = await serve(t, {
      "wrangler.toml": config("src/index.ts", `find_additional_modules = true\n[[rules]]\ntype = "ESModule"\nglobs = ["lang/*.mjs"]\n`),
      "src/index.ts": `
        export default {
          async fetch(request: Request) {
            const name = \`./lang/\${new URL(request.url).pathname.slice(1)}.mjs\`;
            const load = (specifier: string) => import(specifier);
            return new Response((await load(name)).default);
          },
        };`,
      "src/lang/en.mjs": `export default "hello";`,
      "src/lang/fr.mjs": `export default "bonjour";`,
    });
    assert.equal(await session.get("/en"), "hello");
    assert.equal(await session.get("/fr"), "bonjour");
  });

  test("a service worker", async (t) => {
    const session = await serve(t, {
      "wrangler.toml": config("worker.js", `[vars]\nGREETING = "hi"\n`),
      "worker.js": `addEventListener("fetch", (event) => event.respondWith(new Response(GREETING)));`,
    });
    assert.equal(await session.get(), "hi");
  });

  test("CommonJS, JSX and packages from node_modules", async (t) => {
    const session = await serve(t, {
      "wrangler.toml": config("src/index.js", `jsx_factory = "h"\n`),
      "src/index.js": `
        const { name } = require("some-package");
        const h = (tag, _, ...children) => "<" + tag + ">" + children.join("");
        module.exports = { fetch: () => new Response(<p>{name}</p>) };`,
      "node_modules/some-package/package.json": JSON.stringify({
        name: "some-package",
        exports: { workerd: "./for-workers.js", default: "./for-others.js" },
      }),
      "node_modules/some-package/for-workers.js": `exports.name = "for workers";`,
      "node_modules/some-package/for-others.js": `exports.name = "for others";`,
    });
    assert.equal(await session.get(), "<p>for workers");
  });
});
