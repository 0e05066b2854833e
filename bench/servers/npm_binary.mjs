// Finds the programs of peers that are optional: in build/bench, where `./x bench` puts the
// versions that peers.json pins, else on PATH.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bench, output } from "../paths.mjs";

const peers = JSON.parse(readFileSync(join(bench, "peers.json"), "utf8"));

const runs = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

/** The program of `peer`, or undefined where it is not installed. */
export function binary_of(peer) {
  const packaged = peers[peer].binaries.map((path) => join(output, "node_modules", path));
  return packaged.find((path) => existsSync(path) && runs(path)) ?? (runs(peer) ? peer : undefined);
}

/** The first version-like word that `program` says about itself. */
export function version_of(program) {
  if (program === undefined) return undefined;
  return /\d+\.\d+\.\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[0];
}
