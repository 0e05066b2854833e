// From the command to the first answer: a server with one worker, and `selvage dev`.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { repeated } from "../measure/quiet_machine.mjs";
import { root } from "../paths.mjs";
import { single } from "../servers/deployment.mjs";
import { servers } from "../servers/index.mjs";
import { fresh_folder } from "../servers/scratch.mjs";
import * as selvage from "../servers/selvage.mjs";
import { free_port, ServerProcess, with_server } from "../servers/server_process.mjs";
import { at_most } from "./targets.mjs";

const deployment = single("start", "hello");

const first_answer = (start) => with_server(start, (server) => ({ start_ms: server.first_answer_ms, memory_mib: server.memory() / 2 ** 20 }));

const often = (plan) => ({ ...plan, runs: plan.starts, retries: plan.starts, patience_ms: 1000 });

const serve = {
  name: "start",
  title: "Start of the process to its first answer",
  unit: "time",
  main_figure: "start_ms",
  peers: ["selvage", "workerd", "node", "bun", "deno", "nginx"],
  targets: [],
  measure: (peer, plan) => repeated(often(plan), undefined, () => first_answer(() => servers[peer].start(deployment)), "start_ms"),
};

/** The article's API in TypeScript; nothing is there from an earlier run. */
async function start_dev() {
  const folder = fresh_folder("dev");
  const project = join(folder, "edge-api");
  cpSync(join(root, "examples/edge-api"), project, { recursive: true, filter: (path) => !path.endsWith(".selvage") });
  const port = await free_port();
  return new ServerProcess("dev-selvage", [selvage.binary, "dev", "--port", String(port)], port, { cwd: project });
}

const dev = {
  name: "dev",
  title: "`selvage dev` to its first answer, bundling included",
  unit: "time",
  main_figure: "start_ms",
  peers: ["selvage"],
  targets: [at_most("300 ms", "start_ms", 300)],
  measure: (_, plan) => repeated(often(plan), undefined, () => first_answer(start_dev), "start_ms"),
};

export const process_start = [serve, dev];
