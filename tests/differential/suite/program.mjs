// Programs: their files, what each needs from its runtime, and the script each becomes.
//
// A program is a file in programs/<topic>. Its default export, `async (env, ctx, request) => ...`,
// prints lines (lines.js). What else it exports says what it needs:
//
//   export class Room extends DurableObject     a Durable Object class, bound as env.Room
//   export class Room { constructor(ctx, env)   the same, of the old kind
//   export class Api extends WorkerEntrypoint   an entrypoint, bound as env.Api
//   export const worker = { fetch(request) ...  handlers of the worker itself, bound as env.SELF
//
// A mention of env.KV, env.KV2 binds a KV namespace of its own. Comment lines say the rest:
//
//   // @flags a b         compatibility flags
//   // @date 2024-01-01   compatibility date
//   // @objects A B       classes of Durable Objects that the source does not show as such
//   // @var NAME value    a variable
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("../", import.meta.url));
const folder = join(here, "programs");

export const newestDate = "2026-07-30";

const all = (source, pattern) => [...source.matchAll(pattern)].map((match) => match[1]);
const words = (texts) => texts.flatMap((text) => text.trim().split(/\s+/));

function read(topic, file) {
  const source = readFileSync(join(folder, topic, file), "utf8");
  const classes = all(source, /^export class (\w+)/gm);
  const entrypoints = all(source, /^export class (\w+) extends WorkerEntrypoint/gm);
  const tag = (name) => all(source, new RegExp(`^// @${name} (.*)$`, "gm"));
  const named = words(tag("objects"));
  const objects = classes.filter((name) => named.includes(name) || (!entrypoints.includes(name) && !named.length));
  const program = {
    id: `${topic}/${file.replace(/\.js$/, "")}`,
    path: join(folder, topic, file),
    name: `${topic}-${file.replace(/\.js$/, "")}`.replaceAll("_", "-"),
    classes,
    entrypoints,
    objects,
    handlers: /^export const worker\b/m.test(source),
    kv: [...new Set(all(source, /\benv\.(KV\d?)\b/g))],
    flags: words(tag("flags")),
    date: tag("date")[0] ?? newestDate,
    variables: Object.fromEntries(tag("var").map((text) => text.split(/ (.*)/, 2))),
  };
  return program;
}

/** All programs, or those whose id contains one of `patterns`. */
export function programs(patterns = []) {
  return readdirSync(folder)
    .sort()
    .flatMap((topic) => readdirSync(join(folder, topic)).sort().map((file) => read(topic, file)))
    .filter(({ id }) => patterns.length === 0 || patterns.some((pattern) => id.includes(pattern)));
}

function entry({ path, classes, handlers }) {
  const exported = classes.length ? `export { ${classes.join(", ")} } from ${JSON.stringify(path)};\n` : "";
  const others = handlers ? "program.worker" : "{}";
  return `import * as program from ${JSON.stringify(path)};
import { lines, print } from "lines";
${exported}const handlers = ${others};
export default {
  ...handlers,
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/run-program") return handlers.fetch ? handlers.fetch(request, env, ctx) : new Response("ready");
    lines.length = 0;
    try {
      await program.default(env, ctx, request);
    } catch (error) {
      print("uncaught", error);
    }
    return Response.json(lines);
  },
};
`;
}

/** Bundles each; returns the scripts' texts by id. `scratch` is a folder to work in. */
export async function scripts(list, scratch) {
  const entries = list.map((program) => {
    const file = join(scratch, "entries", `${program.name}.js`);
    mkdirSync(join(scratch, "entries"), { recursive: true });
    writeFileSync(file, entry(program));
    return file;
  });
  const { outputFiles } = await build({
    entryPoints: entries,
    outdir: join(scratch, "scripts"),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    alias: { lines: join(here, "lines.js") },
    logLevel: "error",
  });
  return new Map(list.map(({ id }, index) => [id, outputFiles[index].text]));
}
