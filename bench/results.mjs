// build/bench/results.json: everything measured, by work and server. A run of some works replaces
// those and leaves the others; quick runs have a file of their own and never reach the documents.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { results_file, root } from "./paths.mjs";

const file_of = (plan) => (plan.quick ? results_file.replace(".json", "-quick.json") : results_file);

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
