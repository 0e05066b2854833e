// selvage's commands against a platform, with a home of their own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "./selvage.mjs";

/** Runs selvage in `cwd`, with a home of its own and these variables of the environment. */
export function commands(home, variables = {}) {
  const env = {
    PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, "config"), NO_COLOR: "1", ...variables,
  };
  return (cwd, args, input) => run(args, { cwd, env, input });
}

/** The same; it must succeed. What it printed. */
export const succeeding = (command) => (cwd, args, input) => {
  const { status, stdout, stderr } = command(cwd, args, input);
  assert.equal(status, 0, `selvage ${args.join(" ")}: ${stderr}`);
  return stdout;
};
