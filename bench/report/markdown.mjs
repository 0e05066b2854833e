// docs/benchmarks.md, from build/bench/results.json.
import { load_core, server_core } from "../measure/pinning.mjs";
import { quiet_limit } from "../measure/quiet_machine.mjs";
import { judged } from "../workloads/targets.mjs";
import { has_figures, main_figure, measured, ratio, shown } from "./figures.mjs";
import { rounded, table, time, times } from "./text.mjs";

const mark = (figures) => (figures.noisy ? " ~" : "") + (figures.errors ? " !" : "");

function main_table(results, names) {
  const rows = measured(results).map(({ workload, result }) => {
    const figure = main_figure(workload);
    const own = result.servers.selvage;
    const cells = names.map((name) => {
      const figures = result.servers[name];
      if (figures === undefined) return "–";
      if (!has_figures(figures)) return "failed";
      const text = shown(figure, figures[figure]) + mark(figures);
      if (name === "selvage") return `**${text}**`;
      return has_figures(own) ? `${text} (${times(ratio(figure, own[figure], figures[figure]))})` : text;
    });
    return [workload.title + (figure.endsWith("per_second") ? `, ${workload.unit}` : ""), ...cells];
  });
  return table(["Work", ...names], rows);
}

export function target_rows(results) {
  return measured(results).flatMap(({ workload, result }) =>
    workload.targets.flatMap((target) => {
      const verdict = judged(target, result);
      if (!verdict) return [];
      const reached = verdict.relative ? (target.peer ? times(verdict.reached) : `${rounded(100 * verdict.reached)} %`) : absolute(target, verdict.reached);
      return [[workload.title, target.says, reached, verdict.kept ? "✓" : "✗"]];
    }),
  );
}

const absolute = (target, value) => (target.figure === "isolate_kib" ? `${rounded(value / 1024)} MiB` : shown(target.figure, value));

function latency_table(results) {
  const rows = measured(results).flatMap(({ workload, result }) =>
    Object.entries(result.servers)
      .filter(([, figures]) => has_figures(figures) && figures.p99_us !== undefined)
      .map(([name, figures]) => [
        `${workload.title}: ${name}`,
        time(figures.p50_us),
        time(figures.p99_us),
        time(figures.max_us),
        figures.memory_mib === undefined ? "" : `${rounded(figures.memory_mib)} MiB`,
        rounded(figures.server_cores),
        rounded(figures.load_cores) + (figures.load_cores > 0.95 ? " (load-bound)" : ""),
        figures.runs.map((run) => rounded(run)).join(", "),
      ]),
  );
  return table(["Work and server", "p50", "p99", "max", "memory after", "server, cores", "load, cores", "runs"], rows);
}

function cold_table(result, plan) {
  const rows = Object.entries(result.servers)
    .filter(([, figures]) => has_figures(figures))
    .map(([name, figures]) => [
      name + mark(figures),
      ...["first_p50_us", "first_p99_us", "burst_p50_us", "burst_p99_us", "second_p50_us", "second_p99_us"].map((key) => time(figures[key])),
      `${rounded(figures.isolate_kib)} KiB`,
      time(figures.start_ms * 1000),
    ]);
  return table([`${plan.isolates} workers`, "first request p50", "p99", "in a burst p50", "p99", "second request p50", "p99", "memory for each", "server's start"], rows);
}

function deployed_table(result, plan) {
  const rows = Object.entries(result.servers)
    .filter(([, figures]) => has_figures(figures))
    .map(([name, figures]) => [
      name + mark(figures),
      time(figures.start_ms * 1000),
      ...["first_p50_us", "first_p99_us", "second_p99_us"].map((key) => time(figures[key])),
      ...["before_mib", "after_mib"].map((key) => `${rounded(figures[key])} MiB`),
    ]);
  return table([`${plan.deployed} workers`, "start to first answer", "first request p50", "p99", "second request p99", "memory with one in use", "with all"], rows);
}

function neighbour_table(result) {
  const rows = Object.entries(result.servers)
    .filter(([, figures]) => has_figures(figures))
    .map(([name, figures]) => [
      name + mark(figures),
      shown("per_second", figures.alone_per_second),
      time(figures.alone_p99_us),
      shown("per_second", figures.per_second),
      time(figures.p99_us),
      `${rounded((100 * figures.per_second) / figures.alone_per_second)} %`,
    ]);
  return table(["Quiet worker", "alone, req/s", "p99", "beside, req/s", "p99", "keeps"], rows);
}

/** The commit that the figures are of; for works of earlier ones, which. */
function commits_text(results) {
  const earlier = Map.groupBy(
    measured(results).filter(({ result }) => result.commit !== undefined && result.commit !== results.commit),
    ({ result }) => result.commit,
  );
  const parts = [...earlier].map(([commit, works]) => `; at ${commit}: ${works.map(({ workload }) => workload.name).join(", ")}`);
  return results.commit + parts.join("");
}

function machine_text(results) {
  const { machine, versions, finished } = results;
  const where = `${machine.processor}, ${machine.cores} cores${machine.virtual ? ` (virtual: ${machine.virtual})` : ""}, ${machine.memory_gib} GiB, ${machine.system}, Linux ${machine.kernel}, ${machine.file_system}; 4 KiB appended and synced in ${machine.sync_us} µs (median)`;
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `- **Machine**: ${where}.\n- **Versions**: ${what}; Selvage at commit ${commits_text(results)}.\n- **Measured**: ${finished.slice(0, 10)}.`;
}

function failures(results) {
  return measured(results).flatMap(({ workload, result }) =>
    Object.entries(result.servers)
      .filter(([, figures]) => figures.error)
      .map(([name, figures]) => `- ${workload.title}, ${name}: ${figures.error.split("\n")[0]}`),
  );
}

export function markdown(results) {
  const { plan } = results;
  const names = Object.keys(results.versions);
  const section = (name, title, make) => (results.workloads[name] ? [`## ${title}`, make(results.workloads[name], plan)] : []);
  const failed = failures(results);
  return [
    "# Benchmarks",
    "Made by `./x bench`, which writes this page. Figures hold for one machine; ratios carry further. In brackets: how many times better Selvage is than that server (more a second, or less time), from the same run.",
    machine_text(results),
    "![Selvage and its peers on the same work](benchmarks.svg)",
    "## Side by side",
    main_table(results, names),
    `~ the machine was not quiet enough (others used more than ${quiet_limit} cores); ! some answers were errors; – does not apply.`,
    ...(failed.length ? ["Failed:", failed.join("\n")] : []),
    "## Promises",
    table(["Work", "At least", "Reached", ""], target_rows(results)),
    ...section("cold", "Cold start and idle isolates", cold_table),
    ...section("deployed", "A platform with many deployed workers", deployed_table),
    ...section("neighbour", "A neighbour that computes", neighbour_table),
    "## Latencies and what a run used",
    latency_table(results),
    "## How it is measured",
    `- The server is pinned to core ${server_core}, the load to core ${load_core}, both at raised priority where that is allowed; 64 connections unless it says otherwise; ${plan.warm_seconds} s of warm-up, then ${plan.runs} runs of ${plan.seconds} s, of which the medians. A run counts only if everything else on the machine used at most ${quiet_limit} cores meanwhile.
- HTTP load is wrk with one thread; its percentiles are corrected for coordinated omission. Where the load's core is full, the server could do more than the figure.
- Selvage and workerd run the very same worker (bench/workers), bun and deno too where they can; node runs bench/workers/node_server.mjs. workerd has its own bundled KV and \`localDisk\` storage. Both keep data on the same disk; a durable write is synced before it is answered.
- Cold start: one kept connection asks each of ${plan.isolates} workers in turn, then all again; server without state and code cache. Selvage has them as projects; workerd makes them with its workerLoader at the first request. Memory for each is the growth of the server's resident memory.
- Start: from the command to the first answer, median of ${plan.starts}; Selvage's includes bundling.
- Two busy ones: two tenants on the loop of the quiet worker, each asked for one request of 500 ms computing after the other.`,
    "",
  ].join("\n\n").replace(/\n+$/, "\n");
}
