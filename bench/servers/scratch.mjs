// Fresh folders for servers' configurations and data, on the disk that the repository is on.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { output } from "../paths.mjs";

export function fresh_folder(...names) {
  const folder = join(output, "run", ...names);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
