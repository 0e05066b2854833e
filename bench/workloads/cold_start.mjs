// Workers that were never touched: their first request, their second, and what each costs in memory.
// Half of them are asked with a pause between one and the next, as the first requests of quiet
// workers come; the other half in a burst, each as soon as the one before has answered.
//
// Selvage gets a project for each and answers by host. workerd loads everything that its
// configuration names at start, so there the workers come from its workerLoader: same source, made
// at the first request. Each round has a fresh server with no state and no code cache.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { load_output } from "../loads/child.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { quantile } from "../measure/statistics.mjs";
import { bench, worker } from "../paths.mjs";
import { fresh_folder } from "../servers/scratch.mjs";
import * as selvage from "../servers/selvage.mjs";
import * as workerd from "../servers/workerd.mjs";
import { with_server } from "../servers/server_process.mjs";
import { at_most } from "./targets.mjs";

const source = 'export default {\n  fetch() {\n    return new Response("Hello from worker NUMBER");\n  },\n};\n';

const start = {
  selvage: (count) =>
    selvage.start({
      label: "cold",
      workers: Array.from({ length: 2 * count + 1 }, (_, number) => ({ name: `w${number}`, text: source.replace("NUMBER", number) })),
    }),
  workerd: () =>
    workerd.start({
      label: "cold",
      workers: [{ name: "loader", source: worker("loader"), loader: true, variables: { SOURCE: source } }],
    }),
};

const pause_between_ms = 10;

/** Worker 0 is for the client's warm-up. */
const request = {
  selvage: (server, number) => ({ host: server.target(`w${number}`).host, path: "/" }),
  workerd: (server, number) => ({ host: server.target("loader").host, path: `/${number}` }),
};

async function round(peer, count) {
  return with_server(
    () => start[peer](count),
    async (server) => {
      const folder = fresh_folder("cold-requests");
      const file = join(folder, "requests.json");
      const ask = async (from, number_of, pause_ms) => {
        const numbers = [0, ...Array.from({ length: number_of }, (_, number) => from + number)];
        writeFileSync(file, JSON.stringify(numbers.map((number) => request[peer](server, number))));
        const command = [process.execPath, join(bench, "loads/one_by_one.mjs"), server.url, file, String(pause_ms)];
        return JSON.parse(await load_output(command)).rounds;
      };
      await ask(1, 0, 0); // worker 0 is there from now on
      const before = server.memory();
      const [first, second] = await ask(1, count, pause_between_ms);
      const isolates = server.memory() - before;
      const [burst] = await ask(1 + count, count, 0);
      return {
        first_p50_us: quantile(first, 0.5),
        first_p99_us: quantile(first, 0.99),
        second_p50_us: quantile(second, 0.5),
        second_p99_us: quantile(second, 0.99),
        burst_p50_us: quantile(burst, 0.5),
        burst_p99_us: quantile(burst, 0.99),
        isolate_kib: isolates / count / 1024,
        start_ms: server.first_answer_ms,
      };
    },
  );
}

export const cold_start = {
  name: "cold",
  title: `Cold start: a worker's first request, p50, ${pause_between_ms} ms between two`,
  unit: "time",
  main_figure: "first_p50_us",
  peers: ["selvage", "workerd"],
  targets: [
    at_most("p50 1.0 ms", "first_p50_us", 1000),
    at_most("p99 3 ms", "first_p99_us", 3000),
    at_most("an idle isolate 1.5 MiB", "isolate_kib", 1536),
  ],
  measure: (peer, plan) => repeated(plan, undefined, () => round(peer, plan.isolates), "first_p50_us"),
};
