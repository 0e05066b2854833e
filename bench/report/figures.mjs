// The main figure of a workload for each server, and the ratio between two of them.
import { workloads } from "../workloads/index.mjs";
import { rate, rounded, time } from "./text.mjs";

export const main_figure = (workload) => workload.main_figure ?? "per_second";

const smaller_is_better = (figure) => !figure.endsWith("per_second");

/** How many times better the first is than the second: more a second, or less time or memory. */
export function ratio(figure, own, other) {
  return smaller_is_better(figure) ? other / own : own / other;
}

export function shown(figure, value) {
  if (figure.endsWith("_us")) return time(value);
  if (figure.endsWith("_ms")) return time(value * 1000);
  if (figure.endsWith("_mib")) return `${rounded(value)} MiB`;
  if (figure.endsWith("_kib")) return `${rounded(value)} KiB`;
  return rate(value);
}

/** A workload's main figure with its unit; times bring their own. */
export function labelled(workload, figures) {
  const figure = main_figure(workload);
  const text = shown(figure, figures[figure]);
  return figure.endsWith("per_second") ? `${text} ${workload.unit}` : text;
}

/** The workloads that have results, each with them: [{ workload, result }]. */
export function measured(results) {
  return workloads
    .filter(({ name }) => results.workloads[name])
    .map((workload) => ({ workload, result: results.workloads[workload.name] }));
}

export const has_figures = (figures) => figures !== undefined && figures.error === undefined;
