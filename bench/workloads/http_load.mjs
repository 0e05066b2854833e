// The common form of most workloads: a server, a path, wrk.
import { get } from "../loads/single_request.mjs";
import { connections, wrk } from "../loads/wrk.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";

/** Measures one path of a running server; warms it first. */
export async function measure_path(plan, server, target, path, options = {}) {
  await wrk(target, path, Math.max(1, plan.warm_seconds), options);
  return repeated(plan, server.pid, () => wrk(target, path, plan.seconds, options), "per_second");
}

/** Asks each of `paths` once, several at a time. */
async function touch(target, paths) {
  const left = [...paths];
  const one_by_one = async () => {
    while (left.length) await get(target, left.pop());
  };
  await Promise.all(Array.from({ length: Math.min(connections, left.length) }, one_by_one));
}

/** A workload that asks `path` of a deployment's only worker; `first` are paths to ask once before. */
export function http_workload({ name, title, peers, targets, deployment, path = "/", script, first = [] }) {
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
          await touch(target, first);
          const figures = await measure_path(plan, server, target, path, { script });
          return { ...figures, memory_mib: server.memory() / 2 ** 20 };
        },
      ),
  };
}
