// Writes what readers see from what was measured.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { document_file, plot_file } from "../paths.mjs";
import { markdown } from "./markdown.mjs";
import { plot } from "./plot.mjs";

export function write_report(results) {
  mkdirSync(dirname(document_file), { recursive: true });
  writeFileSync(document_file, markdown(results));
  writeFileSync(plot_file, plot(results));
}
