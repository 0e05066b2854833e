// build/bench/results.json: everything measured, by work and server. A run of some works replaces
// those and leaves the others. Quick runs, and runs of some servers only, have a file of their own
// and never reach the documents: ratios are between figures of one run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { results_file, root } from "./paths.mjs";

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

export function commit() {
  try {
    const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "--untracked-files=no", "--", "src") ? " with changes" : "");
  } catch {
    return "unknown"; // a source tree without git
  }
}
