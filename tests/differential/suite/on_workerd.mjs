// Programs on workerd, each a worker of its own: those that use Workers KV in one process by way of
// miniflare, which brings it; all others in one process of workerd itself, which starts sooner.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const { default: binary } = createRequire(import.meta.url)("workerd");

function linesOf(status, text) {
  return status === 200 ? JSON.parse(text) : [`(answers ${status})`, ...text.split("\n", 1)];
}

function miniflareWorker({ name, objects, entrypoints, kv, flags, date, variables }, script) {
  return {
    name,
    modules: [{ type: "ESModule", path: "index.js", contents: script }],
    compatibilityDate: date,
    compatibilityFlags: flags,
    bindings: variables,
    kvNamespaces: Object.fromEntries(kv.map((binding) => [binding, `${name}-${binding}`])),
    durableObjects: Object.fromEntries(objects.map((className) => [className, { className, useSQLite: true }])),
    serviceBindings: Object.fromEntries([
      ["SELF", { name }],
      ...entrypoints.map((entrypoint) => [entrypoint, { name, entrypoint }]),
    ]),
    routes: [`${name}.test/*`],
  };
}

async function inMiniflare(list, scripts, log) {
  const miniflare = new Miniflare({
    workers: list.map((program) => miniflareWorker(program, scripts.get(program.id))),
    handleRuntimeStdio: (stdout, stderr) => {
      stdout.resume();
      if (log) stderr.pipe(process.stderr);
      else stderr.resume();
    },
  });
  await miniflare.ready;
  return {
    run: async ({ name }) => {
      const response = await miniflare.dispatchFetch(`http://${name}.test/run-program`);
      return linesOf(response.status, await response.text());
    },
    stop: () => miniflare.dispose(),
  };
}

const quoted = JSON.stringify; // Cap'n Proto's text literals escape as JSON's do

function service({ name, objects, entrypoints, flags, date, variables }) {
  const list = (items) => `[${items.join(", ")}]`;
  const bindings = [
    `(name = "SELF", service = ${quoted(name)})`,
    ...entrypoints.map((entrypoint) => `(name = ${quoted(entrypoint)}, service = (name = ${quoted(name)}, entrypoint = ${quoted(entrypoint)}))`),
    ...objects.map((className) => `(name = ${quoted(className)}, durableObjectNamespace = ${quoted(className)})`),
    ...Object.entries(variables).map(([key, value]) => `(name = ${quoted(key)}, text = ${quoted(value)})`),
  ];
  const namespaces = objects.map((className) => `(className = ${quoted(className)}, uniqueKey = ${quoted(`${name}-${className}`)}, enableSql = true)`);
  return `(name = ${quoted(name)}, worker = (
    modules = [(name = "index.js", esModule = embed ${quoted(`${name}.js`)})],
    compatibilityDate = ${quoted(date)}, compatibilityFlags = ${list(flags.map(quoted))},
    durableObjectNamespaces = ${list(namespaces)}, durableObjectStorage = (localDisk = "disk"),
    bindings = ${list(bindings)}))`;
}

async function inWorkerd(list, scripts, scratch, log) {
  const folder = mkdtempSync(join(scratch, "workerd-"));
  const disk = join(folder, "disk");
  mkdirSync(disk, { recursive: true });
  for (const { id, name } of list) writeFileSync(join(folder, `${name}.js`), scripts.get(id));
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${list.map(service).join(",\n    ")},
    (name = "disk", disk = (path = ${quoted(disk)}, writable = true))],
  sockets = [${list.map(({ name }) => `(name = ${quoted(name)}, address = "127.0.0.1:0", http = (), service = ${quoted(name)})`).join(",\n    ")}]);
`,
  );
  const child = spawn(binary, ["serve", "--experimental", "--control-fd=3", join(folder, "config.capnp")], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
    if (log) process.stderr.write(text);
  });
  const ports = new Map();
  const exited = once(child, "exit");
  const ready = (async () => {
    let rest = "";
    for await (const text of child.stdio[3].setEncoding("utf8")) {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const { event, socket, port } of lines.map((line) => JSON.parse(line))) {
        if (event === "listen") ports.set(socket, port);
      }
      if (ports.size === list.length) return;
    }
    throw new Error(`workerd did not start:\n${said}`);
  })();
  await ready;
  child.stdio[3].resume?.();
  return {
    run: async ({ name }) => {
      const response = await fetch(`http://127.0.0.1:${ports.get(name)}/run-program`);
      return linesOf(response.status, await response.text());
    },
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** { run(program): lines, stop() }. `scratch` is a folder to work in. */
export async function onWorkerd(list, scripts, scratch, { log = false } = {}) {
  const parts = [
    [list.filter(({ kv }) => kv.length > 0), inMiniflare],
    [list.filter(({ kv }) => kv.length === 0), (some) => inWorkerd(some, scripts, scratch, log)],
  ];
  const started = await Promise.all(
    parts.map(([some, start]) => (some.length === 0 ? undefined : start(some, scripts, log))),
  );
  return {
    run: (program) => started[program.kv.length > 0 ? 0 : 1].run(program),
    stop: () => Promise.all(started.map((runtime) => runtime?.stop())),
  };
}
