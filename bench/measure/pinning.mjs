// Server on one core, load on the other, both before everything else that wants to run. Raising
// the priority needs rights; without them the commands are only pinned.
import { spawnSync } from "node:child_process";

export const server_core = 0;
export const load_core = 1;

const may_raise = spawnSync("nice", ["-n", "-15", "true"], { encoding: "utf8" }).stderr === "";

/** The command line that runs `command` on `core`. The process ids stay the same: all of it execs. */
export function pinned(core, command) {
  return [...(may_raise ? ["nice", "-n", "-15"] : []), "taskset", "-c", String(core), ...command];
}
