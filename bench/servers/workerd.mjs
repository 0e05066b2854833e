// npm workerd, as its own configuration language wants it: KV from the worker that workerd bundles,
// Durable Objects on a local disk, a socket for each worker.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output } from "../paths.mjs";
import { compatibility_date } from "./deployment.mjs";
import { binary_of } from "./npm_binary.mjs";
import { fresh_folder } from "./scratch.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "workerd";

// The newest one, which peers.json pins; the tests' own is the one that miniflare needs.
const binary = binary_of("workerd");

export function version() {
  if (binary === undefined) return undefined;
  return JSON.parse(readFileSync(join(output, "node_modules/workerd/package.json"), "utf8")).version;
}

const quoted = JSON.stringify; // Cap'n Proto's text literals escape as JSON's do

function worker_text(worker, folder) {
  const { name, kv = [], objects = {}, loader = false, variables = {} } = worker;
  cpSync(worker.source, join(folder, `${name}.js`));
  const bindings = [
    ...kv.map((binding) => `(name = ${quoted(binding)}, kvNamespace = (name = "kv", props = (json = ${quoted(JSON.stringify({ namespace: binding }))})))`),
    ...Object.entries(objects).map(([binding, type]) => `(name = ${quoted(binding)}, durableObjectNamespace = ${quoted(type)})`),
    ...Object.entries(variables).map(([binding, text]) => `(name = ${quoted(binding)}, text = ${quoted(text)})`),
    ...(loader ? [`(name = "LOADER", workerLoader = (id = "loader"))`] : []),
  ];
  const namespaces = Object.values(objects).map((type) => `(className = ${quoted(type)}, uniqueKey = ${quoted(type)}, enableSql = true)`);
  return `(
    modules = [(name = "worker", esModule = embed ${quoted(`${name}.js`)})],
    compatibilityDate = ${quoted(compatibility_date)},
    ${loader ? `compatibilityFlags = ["experimental"],` : ""}
    ${namespaces.length ? `durableObjectNamespaces = [${namespaces.join(", ")}], durableObjectStorage = (localDisk = "object-disk"),` : ""}
    bindings = [${bindings.join(",\n      ")}])`;
}

const bundled_kv = `(
    modules = [(name = "kv", bundled = "/workerd/kv.js")],
    compatibilityDate = ${quoted(compatibility_date)}, compatibilityFlags = ["experimental"],
    durableObjectNamespaces = [(className = "KVNamespace", uniqueKey = "kv", enableSql = true)],
    durableObjectStorage = (localDisk = "kv-index"),
    bindings = [(name = "SHARD", durableObjectNamespace = "KVNamespace"), (name = "BLOBS", service = "kv-values")])`;

function disk(folder, name) {
  const path = join(folder, "data", name);
  mkdirSync(path, { recursive: true });
  return `(name = ${quoted(name)}, disk = (path = ${quoted(path)}, writable = true))`;
}

export async function start({ label, workers }) {
  const folder = fresh_folder(`${label}-workerd`);
  const ports = new Map();
  for (const { name } of workers) ports.set(name, await free_port());
  const services = workers.map((worker) => `(name = ${quoted(worker.name)}, worker = ${worker_text(worker, folder)})`);
  if (workers.some(({ objects = {} }) => Object.keys(objects).length)) services.push(disk(folder, "object-disk"));
  if (workers.some(({ kv = [] }) => kv.length)) {
    services.push(`(name = "kv", worker = ${bundled_kv})`, disk(folder, "kv-index"), disk(folder, "kv-values"));
  }
  const sockets = [...ports].map(
    ([name, port]) => `(name = ${quoted(`http-${name}`)}, address = "127.0.0.1:${port}", http = (), service = ${quoted(name)})`,
  );
  const config = join(folder, "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
  ${services.join(",\n  ")}],
  sockets = [${sockets.join(", ")}]);
`,
  );
  const server = new ServerProcess(`${label}-workerd`, [binary, "serve", "--experimental", config], ports.values().next().value);
  server.target = (name) => ({ url: `http://127.0.0.1:${ports.get(name)}`, host: `127.0.0.1:${ports.get(name)}` });
  return server;
}
