// What a server is asked to run, in words that every server's file understands:
//
//   label    names folders and logs
//   workers  [{ name, source (a path; or text), kv: ["BINDING"], objects: { BINDING: "Class" } }]
//
// Every server's file exports
//   name
//   version()             the version as the table shows it, or undefined where it is not installed
//   start(deployment)     a ServerProcess with target(name): { url, host } that reaches a worker
import { worker } from "../paths.mjs";

/** A deployment of a single worker from bench/workers. */
export const single = (label, source, bindings = {}) => ({
  label,
  workers: [{ name: source.replaceAll("_", "-"), source: worker(source), ...bindings }],
});

export const compatibility_date = "2026-11-01";
