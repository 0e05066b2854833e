// Small programs on Selvage and on workerd: they print the same, or differ where differences.json says
// so. docs/compatibility.md explains what is accepted.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { after, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accepted, comparison } from "./suite/comparison.mjs";
import { onSelvage } from "./suite/on_selvage.mjs";
import { onWorkerd } from "./suite/on_workerd.mjs";
import { programs, scripts } from "./suite/program.mjs";
import { runAll } from "./suite/run_all.mjs";

const scratch = mkdtempSync(join(tmpdir(), "selvage-differential-"));
after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 }));
const list = programs();
const texts = await scripts(list, scratch);

async function printedBy(start) {
  const runtime = await start();
  try {
    return await runAll(list, runtime);
  } finally {
    await runtime.stop();
  }
}
const [ours, theirs] = await Promise.all([
  printedBy(() => onSelvage(list, texts, scratch)),
  printedBy(() => onWorkerd(list, texts, scratch)),
]);

for (const { id } of list) {
  test(`${id} prints what it prints on workerd`, () => {
    const { difference } = comparison(ours.get(id), theirs.get(id), accepted[id]);
    assert.ok(difference === "", `\n${difference}`);
  });
}

test("every accepted difference names a program, and is explained in docs/compatibility.md", () => {
  const page = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
  for (const [id, { not_yet }] of Object.entries(accepted)) {
    assert.ok(list.some((program) => program.id === id), id);
    assert.ok(not_yet !== undefined || page.includes(`\`${id}\``), `${id} is not explained`);
  }
});
