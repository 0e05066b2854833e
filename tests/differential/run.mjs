// Runs programs and shows what they print: for whoever writes one, or looks into a difference.
//
//   node tests/differential/run.mjs [--on=workerd,selvage] [--repeat=N] [--log] [--all] [--tidy] [PART OF AN ID ...]
//
// With both runtimes (the default) only programs that differ are shown, as a comparison; with one,
// all that was printed. --repeat starts and runs again, and tells what was not the same each time.
// --all shows accepted differences, too. --tidy takes from differences.json what has gone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accepted, comparison } from "./suite/comparison.mjs";
import { onSelvage } from "./suite/on_selvage.mjs";
import { onWorkerd } from "./suite/on_workerd.mjs";
import { programs, scripts } from "./suite/program.mjs";
import { runAll } from "./suite/run_all.mjs";

const { values, positionals } = parseArgs({
  options: { on: { type: "string", default: "workerd,selvage" }, log: { type: "boolean" }, tidy: { type: "boolean" }, all: { type: "boolean" }, repeat: { type: "string", default: "1" } },
  allowPositionals: true,
});
const seconds = (ms) => (ms / 1000).toFixed(1);

async function printedBy(name, start) {
  const began = performance.now();
  const runtime = await start();
  const started = performance.now();
  const slow = (id, ms) => ms > 2000 && console.error(`${name}: ${id} took ${seconds(ms)} s`);
  try {
    return await runAll(list, runtime, slow);
  } finally {
    await runtime.stop();
    console.error(`${name}: ${list.length} programs, ${seconds(started - began)} s to start, ${seconds(performance.now() - started)} s to run`);
  }
}

const runtimes = values.on.split(",");
const list = programs(positionals);
const scratch = mkdtempSync(join(tmpdir(), "selvage-differential-"));
try {
  const texts = await scripts(list, scratch);
  const start = {
    workerd: () => onWorkerd(list, texts, scratch, values),
    selvage: () => onSelvage(list, texts, scratch, values),
  };
  const printed = {};
  for (const name of runtimes) {
    for (let run = 0; run < Number(values.repeat); ++run) {
      const again = await printedBy(name, start[name]);
      printed[name] ??= again;
      for (const { id } of list) {
        if (JSON.stringify(again.get(id)) === JSON.stringify(printed[name].get(id))) continue;
        console.log(`${id} prints something else on ${name} another time:\n  ${again.get(id).join("\n  ")}`);
      }
    }
  }
  let same = 0;
  for (const { id } of list) {
    if (runtimes.length === 1) {
      console.log(`\n== ${id}\n${printed[runtimes[0]].get(id).join("\n")}`);
      continue;
    }
    const compared = () => comparison(printed.selvage.get(id), printed.workerd.get(id), values.all ? undefined : accepted[id]);
    let { difference, kept } = compared();
    while (values.tidy && kept !== undefined) {
      if (kept === null) delete accepted[id];
      else accepted[id] = kept;
      ({ difference, kept } = compared());
    }
    if (difference === "") ++same;
    else console.log(`\n== ${id}\n${difference}`);
  }
  if (values.tidy) writeFileSync(new URL("differences.json", import.meta.url), `${JSON.stringify(accepted, null, 2)}\n`);
  if (runtimes.length > 1) console.error(`${same} of ${list.length} as expected`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
