// Runs a load on its core and returns what it printed.
import { spawn } from "node:child_process";
import { load_core, pinned } from "../measure/pinning.mjs";

export function load_output(command) {
  const [program, ...args] = pinned(load_core, command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said.stdout);
      else reject(new Error(`${command.join(" ")} failed (${code})\n${said.stdout}${said.stderr}`));
    });
  });
}
