// A figure is worth its quiet machine. A run counts only if everything but the server and the load
// used little processor time while it lasted; else it is made again, and if the machine never
// becomes quiet, the quietest runs are taken and the figure is flagged as noisy.
import { machine_time, tree_time } from "./processor_time.mjs";
import { medians } from "./statistics.mjs";

/** Cores that others may use during a run that counts. */
export const quiet_limit = 0.12;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits, but not for ever, until the machine has half a second of quiet. */
async function quiet_moment(patience_ms) {
  const end = performance.now() + patience_ms;
  while (performance.now() < end) {
    const before = machine_time().busy;
    await pause(500);
    if ((machine_time().busy - before) / 0.5 < 0.15) return;
  }
}

/**
 * Runs `load` once and says how the processors were used meanwhile.
 * `server` is the root of the server's process tree; the load is whatever else this process starts.
 * Without `server` the load starts servers itself, and what they use is counted with it.
 */
export async function observed(server, load) {
  const own = () => tree_time(process.pid);
  const before = { machine: machine_time(), server: server ? tree_time(server) : 0, own: own(), at: performance.now() };
  const figures = await load();
  const seconds = (performance.now() - before.at) / 1000;
  const machine = machine_time();
  const server_time = server ? tree_time(server) - before.server : 0;
  // The server is a descendant of this process too: its time is in own().
  const ours = own() - before.own;
  const share = (time) => Math.max(0, time / seconds);
  return {
    ...figures,
    ...(server && { server_cores: share(server_time) }),
    load_cores: share(ours - server_time),
    other_cores: share(machine.busy - before.machine.busy - ours),
    stolen_cores: share(machine.stolen - before.machine.stolen),
  };
}

/** Medians of `plan.runs` quiet runs, with what each run gave, and `noisy` if too few were quiet. */
export async function repeated(plan, server, load, main_figure) {
  const all = [];
  const quiet = [];
  while (quiet.length < plan.runs && all.length < plan.runs + plan.retries) {
    await quiet_moment(plan.patience_ms);
    const run = await observed(server, load);
    all.push(run);
    if (run.other_cores <= quiet_limit) quiet.push(run);
  }
  const noisy = quiet.length < plan.runs;
  const used = noisy ? all.sort((a, b) => a.other_cores - b.other_cores).slice(0, plan.runs) : quiet;
  return {
    ...medians(used),
    other_cores: Math.max(...used.map((run) => run.other_cores)),
    runs: used.map((run) => run[main_figure]),
    discarded: all.length - used.length,
    noisy,
  };
}
