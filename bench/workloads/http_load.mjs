// The common form of most workloads: a server, a path, wrk.
import { wrk } from "../loads/wrk.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";

/** Measures one path of a running server; warms it first. */
export async function measure_path(plan, server, target, path, options = {}) {
  await wrk(target, path, Math.max(1, plan.warm_seconds), options);
  return repeated(plan, server.pid, () => wrk(target, path, plan.seconds, options), "per_second");
}

/** A workload that asks `path` of a deployment's only worker; `first` is a path to ask once before. */
export function http_workload({ name, title, peers, targets, deployment, path = "/", script, first }) {
  return {
    name,
    title,
    unit: "req/s",
    peers,
    targets,
    measure: (peer, plan) =>
      with_server(
        () => servers[peer].start(deployment),
        async (server) => {
          const target = server.target(deployment.workers[0].name);
          if (first) {
            const answer = await fetch(target.url + first);
            if (!answer.ok) throw new Error(`${first} answered ${answer.status}: ${await answer.text()}`);
          }
          const figures = await measure_path(plan, server, target, path, { script });
          return { ...figures, memory_mib: server.memory() / 2 ** 20 };
        },
      ),
  };
}
