// A project of this folder on workerd, bundled as wrangler would.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { serve } from "../support/selvage.mjs";

export const projectFolder = (name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** `options`: bindings for miniflare, beside what the name of the main file says. */
export async function startWorkerd(t, name, options = {}) {
  const folder = projectFolder(name);
  const config = readFileSync(`${folder}/wrangler.toml`, "utf8");
  const [, main] = /^main = "(.*)"/m.exec(config);
  const [, date] = /^compatibility_date = "(.*)"/m.exec(config);
  const { outputFiles } = await build({
    entryPoints: [`${folder}/${main}`], bundle: true, write: false, format: "esm", target: "es2024", logLevel: "error",
    conditions: ["workerd", "worker", "browser"], external: ["node:*", "cloudflare:*"], loader: { ".sql": "text" },
    define: { "process.env.NODE_ENV": '"development"' },
  });
  const miniflare = new Miniflare({
    modules: true, script: outputFiles[0].text, compatibilityDate: date,
    ...(config.includes("nodejs_compat") && { compatibilityFlags: ["nodejs_compat"] }), ...options,
  });
  t.after(() => miniflare.dispose());
  const url = await miniflare.ready;
  return { url: url.origin, port: Number(url.port) };
}

/** A project with Durable Objects on both: { name, start(t) → { url, port } }. `names`: classes by binding. */
export function runtimes(folder, names) {
  const durableObjects = Object.fromEntries(
    Object.entries(names).map(([binding, className]) => [binding, { className, useSQLite: true }]),
  );
  return [
    { name: "Selvage", start: (t) => serve(t, projectFolder(folder)) },
    { name: "workerd", start: (t) => startWorkerd(t, folder, { durableObjects }) },
  ];
}
