// ./x bench: measures works against servers, writes build/bench/results.json and, after full
// runs of all servers, docs/benchmarks.md and its plot.
import { parseArgs } from "node:util";
import { describe_machine } from "./measure/machine.mjs";
import { full, quick } from "./plan.mjs";
import { document_file } from "./paths.mjs";
import { main_figure, has_figures, labelled, ratio } from "./report/figures.mjs";
import { write_report } from "./report/index.mjs";
import { target_rows } from "./report/markdown.mjs";
import { rounded, time, times } from "./report/text.mjs";
import { commit, keep_others_out, read_results, write_results } from "./results.mjs";
import { installed } from "./servers/index.mjs";
import { workloads } from "./workloads/index.mjs";

const usage = `usage: ./x bench [--quick] [--servers=NAME,...] [--report] [WORK...]

  --quick            short runs that show the direction; docs/benchmarks.md stays as it is
  --servers=a,b      only these servers (selvage,workerd,node,bun,deno,nginx); no document either
  --report           measure nothing; write the documents from the last results

Works: ${workloads.map(({ name }) => name).join(", ")}
`;

function arguments_of_command() {
  try {
    const options = { quick: { type: "boolean" }, servers: { type: "string" }, report: { type: "boolean" }, help: { type: "boolean", short: "h" } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => !workloads.some((workload) => workload.name === name));
    if (unknown) throw new Error(`there is no work '${unknown}'`);
    return { ...values, names: positionals };
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

function line(workload, name, figures) {
  if (!has_figures(figures)) return `    ${name.padEnd(8)} failed: ${figures.error}`;
  const key = main_figure(workload);
  const details = [
    figures.p99_us === undefined ? "" : `p50 ${time(figures.p50_us)} p99 ${time(figures.p99_us)}`,
    ...["first_p99_us", "burst_p50_us", "burst_p99_us", "second_p50_us", "second_p99_us", "isolate_kib", "alone_per_second", "alone_p99_us", "before_mib", "most_mib", "open_kib"]
      .filter((figure) => figures[figure] !== undefined)
      .map((figure) => `${figure} ${rounded(figures[figure])}`),
    (figures.server_cores === undefined ? "" : `server ${rounded(figures.server_cores)} `) + (figures.load_cores === undefined ? "" : `load ${rounded(figures.load_cores)} others ${rounded(figures.other_cores)} cores`),
    figures.errors ? `${figures.errors} ERRORS` : "",
    figures.noisy ? "NOISY" : "",
  ];
  return `    ${name.padEnd(8)} ${labelled(workload, figures).padStart(20)}  ${details.filter(Boolean).join("  ")}`;
}

async function measure(workload, plan, names) {
  console.log(`==> ${workload.title}`);
  const result = { measured: new Date().toISOString(), commit: commit(), servers: {} };
  for (const name of workload.peers.filter((peer) => names.includes(peer))) {
    let figures;
    try {
      figures = await workload.measure(name, plan);
    } catch (error) {
      figures = { error: error.message };
    }
    result.servers[name] = figures;
    const own = result.servers.selvage;
    const key = main_figure(workload);
    const compared = name !== "selvage" && has_figures(own) && has_figures(figures);
    console.log(line(workload, name, figures) + (compared ? `  Selvage: ${times(ratio(key, own[key], figures[key]))}` : ""));
  }
  return result;
}

const { help, names, report, servers, ...flags } = arguments_of_command();
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
const plan = { ...(flags.quick ? quick : full), published: !flags.quick && !servers };
const results = read_results(plan);
if (report) {
  if (!results.versions) throw new Error("nothing was measured yet: ./x bench");
  write_report(results);
  process.exit(0);
}

keep_others_out();
const versions = installed();
const chosen = servers ? servers.split(",") : Object.keys(versions);
const machine = describe_machine();
console.log(`${machine.processor}, ${machine.cores} cores, ${machine.system}; fdatasync of 4 KiB: ${machine.sync_us} µs`);
console.log(Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "));
if (machine.cores < 2) throw new Error("needs two cores: one for the server, one for the load");

const failed = [];
const chosen_works = workloads.filter(({ name }) => names.length === 0 || names.includes(name));
for (const workload of chosen_works) {
  const result = await measure(workload, plan, chosen);
  failed.push(...Object.values(result.servers).filter((figures) => !has_figures(figures)));
  results.workloads[workload.name] = result;
  Object.assign(results, { machine, versions, plan, commit: commit(), finished: new Date().toISOString() });
  write_results(plan, results);
}

console.log("==> Promises");
const now = Object.fromEntries(chosen_works.map(({ name }) => [name, results.workloads[name]]));
for (const [title, says, reached, kept] of target_rows({ workloads: now })) console.log(`    ${kept} ${title}: ${says}; reached ${reached}`);
if (plan.published) {
  write_report(results);
  console.log(`==> Wrote ${document_file}`);
}
process.exit(failed.length ? 1 : 0);
