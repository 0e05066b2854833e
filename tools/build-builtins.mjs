// The builtins, from TypeScript to scripts: build-builtins.mjs <output folder>
//
//   builtins.js      what the startup snapshot is made from
//   groups/NAME.js   each group (*.group.ts) that is evaluated at its first use; see
//                    src/web/builtins/group.ts
//   groups/node.*.js the modules of src/node, each a group: src/node/README.md
//
// A group's imports of modules that are in the snapshot become look-ups there (`__core("path:name")`),
// which the snapshot's script answers; a module that is in no snapshot belongs to one group only.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = process.argv[2];
const entry = "src/worker/builtins/index.ts";
const rooms = ["src/web/builtins", "src/worker/builtins"];
const groups = rooms.flatMap((room) =>
  readdirSync(join(root, room)).filter((file) => file.endsWith(".group.ts")).map((file) => `${room}/${file}`),
);
const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  target: "esnext",
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
};
const footer =
  "(() => { const b = globalThis.__builtins; delete globalThis.__builtins; return b; })()";

/** The bundler calls a class that names itself `_Name`, which V8's messages and stacks would show. */
function with_own_names(text) {
  const renamed = new Set([...text.matchAll(/^ *var (\w+) = class _\1\b/gm)].map((match) => `_${match[1]}`));
  return text.replace(/\b_\w+/g, (name) => (renamed.has(name) ? name.slice(1) : name));
}

/** Modules of the snapshot: path -> names that it exports. */
async function read_core() {
  const { metafile } = await build({ ...common, entryPoints: [entry], format: "esm" });
  const inputs = Object.keys(metafile.inputs).filter((path) => path.startsWith("src/"));
  const alone = await build({ ...common, entryPoints: inputs, bundle: false, format: "esm", outdir: "out", outbase: "." });
  const exported = new Map();
  for (const { entryPoint, exports } of Object.values(alone.metafile.outputs)) exported.set(entryPoint, exports);
  return { exported, everything: new Set(Object.keys(metafile.inputs)) };
}

function from_core({ exported, everything }) {
  return {
    name: "from-core",
    setup(build) {
      build.onLoad({ filter: /.*/ }, ({ path }) => {
        const name = relative(root, path);
        if (!everything.has(name)) return undefined;
        if (!exported.has(name)) throw new Error(`${name} is in the snapshot, and in a group: import it in one only`);
        const lines = exported.get(name).map(
          (each) => `const ${each}_ = /* @__PURE__ */ __core(${JSON.stringify(`${name}:${each}`)});\nexport { ${each}_ as ${each} };`,
        );
        return { contents: lines.join("\n"), loader: "js" };
      });
    },
  };
}

async function build_group(file, core, owners) {
  const name = basename(file, ".group.ts");
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [file],
    format: "cjs",
    banner: { js: "(function (__core, module) {" },
    footer: { js: "})" },
    plugins: [from_core(core)],
  });
  for (const path of Object.keys(metafile.inputs)) {
    if (core.everything.has(path)) continue;
    if (owners.has(path)) throw new Error(`${path} is in two groups, ${owners.get(path)} and ${name}: let one ask the other`);
    owners.set(path, name);
  }
  return { name, text: with_own_names(outputFiles[0].text) };
}

const node_folder = join(root, "src/node/modules");
const node_modules = readdirSync(node_folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

/** Imports of Node's modules, also by npm's names for ports of them, become require(). */
const node_imports = {
  name: "node-imports",
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z0-9]*)?$/ }, ({ path, importer }) => {
      const name = path.replace(/^node:/, "").replace(/\/$/, "");
      // The module itself may bundle a port that has its name.
      const own = relative(node_folder, importer).replace(/\.ts$/, "") === name;
      return node_modules.includes(name) && !own ? { path: `node:${name}`, external: true } : undefined;
    });
    build.onResolve({ filter: /^abort-controller$/ }, () => ({ path: join(root, "src/node/abort_controller.js") }));
  },
};

async function build_node_module(name, core) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [`src/node/modules/${name}.ts`],
    format: "cjs",
    platform: "browser",
    banner: { js: '(function (__core, module) { const require = __core("src/worker/builtins/node_modules.ts:requireNode");' },
    footer: { js: "})" },
    define: { "process.env.READABLE_STREAM": '""', "process.env.NODE_ENV": '"production"' },
    plugins: [from_core(core), node_imports],
  });
  return { name: `node.${name.replace("/", ".")}`, text: outputFiles[0].text };
}

async function check_node_names() {
  const { nodeModuleNames } = await import("../src/worker/builtins/node_names.ts");
  if (`${nodeModuleNames}` !== `${node_modules}`) {
    throw new Error(`src/worker/builtins/node_names.ts must list what src/node/modules has:\n${node_modules.join(" ")}`);
  }
}

async function build_core(keys) {
  const imports = keys.map((key, i) => {
    const [path, name] = key.split(":");
    return `import { ${name} as c${i} } from "./${path}";`;
  });
  const cases = keys.map((key, i) => `    case ${JSON.stringify(key)}: return c${i};`);
  const contents = `${imports.join("\n")}
import { connectCore } from "./src/web/builtins/group.ts";
import "./${entry}";
connectCore((key) => {
  switch (key) {
${cases.join("\n")}
  }
  throw new Error("not in the snapshot: " + key);
});
`;
  const { outputFiles } = await build({
    ...common,
    stdin: { contents, resolveDir: root, sourcefile: "core.js" },
    format: "iife",
    footer: { js: footer },
  });
  return with_own_names(outputFiles[0].text);
}

const core = await read_core();
const owners = new Map();
const built = [];
for (const file of groups) built.push(await build_group(file, core, owners));
await check_node_names();
built.push(...(await Promise.all(node_modules.map((name) => build_node_module(name, core)))));
const keys = new Set(built.flatMap(({ text }) => [...text.matchAll(/__core\("([^"]+)"\)/g)].map((match) => match[1])));
const script = await build_core([...keys].sort());
rmSync(join(output, "groups"), { recursive: true, force: true });
mkdirSync(join(output, "groups"), { recursive: true });
for (const { name, text } of built) writeFileSync(join(output, "groups", `${name}.js`), text);
writeFileSync(join(output, "builtins.js"), script);
