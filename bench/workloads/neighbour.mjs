// A quiet worker alone, and beside two tenants whose every request computes 500 ms without pause,
// back to back. Everybody is on the same loop of the same core.
import { get } from "../loads/single_request.mjs";
import { wrk } from "../loads/wrk.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { median } from "../measure/statistics.mjs";
import { worker } from "../paths.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";
import { at_least, at_most } from "./targets.mjs";

const deployment = {
  label: "neighbour",
  workers: [
    { name: "quiet", source: worker("hello") },
    { name: "busy-one", source: worker("compute") },
    { name: "busy-two", source: worker("compute") },
  ],
};

const busy_ms = 500;

/** Rounds of workers/compute.js that take `busy_ms` where nothing else runs. */
async function rounds_for(target) {
  const rounds = 50_000_000;
  const path = `/?rounds=${rounds}`;
  await get(target, path); // compiled and optimised
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const start = performance.now();
    await get(target, path);
    times.push(performance.now() - start);
  }
  return Math.round((rounds * busy_ms) / median(times));
}

/** Asks `target` again and again until told to stop; returns how many answers came and a way to stop. */
function keep_busy(target, rounds) {
  let stopped = false;
  let answers = 0;
  const done = (async () => {
    while (!stopped) {
      await get(target, `/?rounds=${rounds}`);
      answers++;
    }
  })();
  done.catch(() => {}); // reported by stop()
  return {
    answers: () => answers,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

async function measure(peer, plan) {
  return with_server(
    () => servers[peer].start(deployment),
    async (server) => {
      const quiet = server.target("quiet");
      const busy = ["busy-one", "busy-two"].map((name) => server.target(name));
      const rounds = await rounds_for(busy[0]);
      await wrk(quiet, "/", Math.max(1, plan.warm_seconds));
      const alone = await repeated(plan, server.pid, () => wrk(quiet, "/", plan.seconds), "per_second");

      const tenants = busy.map((target) => keep_busy(target, rounds));
      await new Promise((resolve) => setTimeout(resolve, busy_ms));
      const seconds = Math.max(3, plan.seconds); // several of the tenants' requests
      // The tenants keep the machine busy between the runs: there is no quiet moment to wait for.
      const beside = await repeated({ ...plan, patience_ms: 0 }, server.pid, () => wrk(quiet, "/", seconds), "per_second");
      const answers = tenants.reduce((sum, tenant) => sum + tenant.answers(), 0);
      await Promise.all(tenants.map((tenant) => tenant.stop()));
      return {
        ...beside,
        alone_per_second: alone.per_second,
        alone_p99_us: alone.p99_us,
        noisy: alone.noisy || beside.noisy,
        other_cores: Math.max(alone.other_cores, beside.other_cores),
        errors: alone.errors + beside.errors,
        tenant_answers: answers,
        tenant_rounds: rounds,
      };
    },
  );
}

export const neighbour = {
  name: "neighbour",
  title: "A quiet worker beside two busy ones",
  unit: "req/s",
  peers: ["selvage", "workerd"],
  targets: [
    at_most("p99 under 15 ms", "p99_us", 15_000),
    at_least("40 % of its requests/s alone", "per_second", 0.4, { of: "alone_per_second" }),
  ],
  measure,
};
