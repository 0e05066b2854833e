// Selvage itself: `selvage serve`, production settings, one loop.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";
import { compatibility_date } from "./deployment.mjs";
import { fresh_folder } from "./scratch.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "selvage";

const built = join(root, "build/release/engine/selvage");

/** The program under test; SELVAGE names another than the one this repository builds. */
export const binary = process.env.SELVAGE ?? built;

export function version() {
  if (!existsSync(binary)) return undefined;
  return execFileSync(binary, ["version"], { encoding: "utf8" }).trim().replace(/^selvage /, "");
}

function configuration({ name, kv = [], objects = {} }) {
  return JSON.stringify(
    {
      name,
      main: "index.js",
      compatibility_date,
      kv_namespaces: kv.map((binding) => ({ binding, id: binding.toLowerCase() })),
      durable_objects: { bindings: Object.entries(objects).map(([name, class_name]) => ({ name, class_name })) },
      migrations: Object.keys(objects).length ? [{ tag: "v1", new_sqlite_classes: Object.values(objects) }] : [],
    },
    null,
    2,
  );
}

/** Writes a project for each worker; returns their folders. */
export function write_projects(folder, workers) {
  return workers.map((worker) => {
    const project = join(folder, worker.name);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, "wrangler.json"), configuration(worker));
    if (worker.text !== undefined) writeFileSync(join(project, "index.js"), worker.text);
    else cpSync(worker.source, join(project, "index.js"));
    return project;
  });
}

export async function start({ label, workers }) {
  const folder = fresh_folder(`${label}-selvage`);
  const projects = write_projects(folder, workers);
  return serve(label, workers, projects, join(folder, "data"));
}

/** Serves projects that are there already, with state and caches in `data`. */
export async function serve(label, workers, projects, data) {
  const port = await free_port();
  const alone = workers.length === 1;
  const host = (name) => (alone ? `127.0.0.1:${port}` : `${name}.localhost:${port}`);
  const command = [binary, "serve", ...projects, "--host", "127.0.0.1", "--port", String(port), "--data", data, "--threads", "1"];
  const server = new ServerProcess(`${label}-selvage`, command, port, { host: host(workers[0].name) });
  server.target = (name) => ({ url: server.url, host: host(name) });
  return server;
}

/** A platform to deploy to, with what `data` holds. */
export async function platform(label, data) {
  const [port, api] = [await free_port(), await free_port()];
  const command = [binary, "serve", "--host", "127.0.0.1", "--port", String(port), "--api-listen", `127.0.0.1:${api}`, "--data", data, "--threads", "1"];
  return new ServerProcess(`${label}-selvage`, command, port, { host: `w0.localhost:${port}` });
}
