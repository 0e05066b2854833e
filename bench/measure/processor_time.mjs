// Who uses the processors: the machine as a whole, and a process with all its descendants.
// All times are seconds of one core.
import { readFileSync, readdirSync } from "node:fs";

const ticks_per_second = 100; // USER_HZ: the same on every Linux that Debian builds

/** Seconds that all cores together were not idle since boot; `stolen` by the hypervisor of those. */
export function machine_time() {
  const line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0];
  const [user, nice, system, , , irq, softirq, steal] = line.trim().split(/\s+/).slice(1).map(Number);
  return { busy: (user + nice + system + irq + softirq + steal) / ticks_per_second, stolen: steal / ticks_per_second };
}

/** `pid` and its living descendants. */
export function process_tree(pid) {
  const tree = [pid];
  for (const parent of tree) {
    let tasks = [];
    try {
      tasks = readdirSync(`/proc/${parent}/task`);
    } catch {
      continue; // it ended meanwhile
    }
    for (const task of tasks) {
      try {
        const children = readFileSync(`/proc/${parent}/task/${task}/children`, "latin1");
        tree.push(...children.trim().split(" ").filter(Boolean).map(Number));
      } catch {
        // a thread that ended meanwhile
      }
    }
  }
  return tree;
}

/** Seconds used by `pid` and its descendants, including descendants that it has waited for. */
export function tree_time(pid) {
  let ticks = 0;
  for (const id of process_tree(pid)) {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, "latin1").split(") ").at(-1).split(" ");
      for (const field of [11, 12, 13, 14]) ticks += Number(fields[field]); // utime stime cutime cstime
    } catch {
      // it ended meanwhile
    }
  }
  return ticks / ticks_per_second;
}

/** Resident bytes of `pid` and its descendants. */
export function tree_memory(pid) {
  let bytes = 0;
  for (const id of process_tree(pid)) {
    try {
      bytes += 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "latin1"))?.[1] ?? 0);
    } catch {
      // it ended meanwhile
    }
  }
  return bytes;
}
