// Where things are. Everything that a run leaves behind is under build/bench.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const bench = dirname(fileURLToPath(import.meta.url));
export const root = dirname(bench);
export const output = join(root, "build/bench");
export const results_file = join(output, "results.json");
export const document_file = join(root, "docs/benchmarks.md");
export const plot_file = join(root, "docs/benchmarks.svg");

export const websocket_load = join(root, "build/release/bench/websocket_load");
export const worker = (name) => join(bench, "workers", `${name}.js`);
