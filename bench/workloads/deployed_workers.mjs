// A platform with many deployed workers: how soon it answers after a start, and how long the first
// request to each of them takes, which reads its version from the disk and begins its isolate.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load_output } from "../loads/child.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { quantile } from "../measure/statistics.mjs";
import { bench } from "../paths.mjs";
import { compatibility_date } from "../servers/deployment.mjs";
import { fresh_folder } from "../servers/scratch.mjs";
import * as selvage from "../servers/selvage.mjs";
import { with_server } from "../servers/server_process.mjs";
import { at_most } from "./targets.mjs";

const pause_between_ms = 10;
const name_of = (number) => `w${number}`;

function upload(number) {
  const form = new FormData();
  form.append("metadata", JSON.stringify({ main_module: "index.js", compatibility_date }));
  const source = `export default { fetch: () => new Response("Hello from worker ${number}") };\n`;
  form.append("index.js", new File([source], "index.js", { type: "application/javascript+module" }));
  return form;
}

/** A data folder of a platform with workers 0 to `count`. */
async function deploy_all(count) {
  const data = join(fresh_folder("deployed"), "data");
  await with_server(
    () => selvage.platform("deployed", data),
    async (server) => {
      const said = readFileSync(server.log, "utf8");
      const api = /deploy to (\S+)/.exec(said)[1];
      const [account, token] = ["ACCOUNT_ID", "API_TOKEN"].map((name) => new RegExp(`CLOUDFLARE_${name}=(\\S+)`).exec(said)[1]);
      for (let number = 0; number <= count; ++number) {
        const response = await fetch(`${api}/accounts/${account}/workers/scripts/${name_of(number)}`, {
          method: "PUT",
          headers: { Authorization: `Bearer ${token}` },
          body: upload(number),
        });
        if (!response.ok) throw new Error(`deploying ${name_of(number)}: ${response.status} ${await response.text()}`);
      }
    },
  );
  return data;
}

function round(data, count) {
  return with_server(
    () => selvage.platform("deployed", data),
    async (server) => {
      const file = join(fresh_folder("deployed-requests"), "requests.json");
      const ask = async (numbers) => {
        writeFileSync(file, JSON.stringify(numbers.map((number) => ({ host: `${name_of(number)}.localhost:${server.port}`, path: "/" }))));
        return JSON.parse(await load_output([process.execPath, join(bench, "loads/one_by_one.mjs"), server.url, file, String(pause_between_ms)])).rounds;
      };
      await ask([0]); // for the client's warm-up; it is there from now on
      const before = server.memory();
      const [first, second] = await ask(Array.from({ length: count + 1 }, (_, number) => number));
      return {
        first_p50_us: quantile(first, 0.5),
        first_p99_us: quantile(first, 0.99),
        second_p99_us: quantile(second, 0.99),
        start_ms: server.first_answer_ms,
        before_mib: before / 2 ** 20,
        after_mib: server.memory() / 2 ** 20,
      };
    },
  );
}

export const deployed_workers = {
  name: "deployed",
  title: `A platform's deployed workers: first request, p50, ${pause_between_ms} ms between two`,
  unit: "time",
  main_figure: "first_p50_us",
  peers: ["selvage"],
  targets: [at_most("p99 5 ms", "first_p99_us", 5000), at_most("started in 1 s", "start_ms", 1000)],
  measure: async (_, plan) => {
    const data = await deploy_all(plan.deployed);
    return repeated(plan, undefined, () => round(data, plan.deployed), "first_p50_us");
  },
};
