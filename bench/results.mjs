// build/bench/results.json: everything measured, by work and server. A run of some works replaces
// those and leaves the others. Quick runs, and runs of some servers only, have a file of their own
// and never reach the documents: ratios are between figures of one run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { output, results_file, root } from "./paths.mjs";

const file_of = (plan) => (plan.published ? results_file : results_file.replace(".json", "-partial.json"));

export function read_results(plan) {
  const file = file_of(plan);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { workloads: {} };
}

export function write_results(plan, results) {
  const file = file_of(plan);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(results, null, 2));
  renameSync(`${file}.new`, file);
}

/** Two runs at once would measure each other, in the same folders. */
export function keep_others_out() {
  mkdirSync(output, { recursive: true });
  const lock = join(output, "running");
  const other = existsSync(lock) ? readFileSync(lock, "utf8") : "";
  if (other && existsSync(`/proc/${other}/cmdline`) && readFileSync(`/proc/${other}/cmdline`, "latin1").includes("bench/run.mjs")) {
    throw new Error(`another run is under way: process ${other}`);
  }
  writeFileSync(lock, String(process.pid));
  process.once("exit", () => rmSync(lock, { force: true }));
}

export function commit() {
  try {
    const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "--untracked-files=no", "--", "src") ? " with changes" : "");
  } catch {
    return "unknown"; // a source tree without git
  }
}
