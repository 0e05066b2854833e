// What a Durable Object's storage does: SQL, entries, transactions, alarms. Each program of
// tests/tenants/storage runs here and on workerd, and says the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { ask } from "../support/requests.mjs";
import { lifetime, root, serve } from "../support/selvage.mjs";
import { programs } from "../tenants/storage/index.js";

const folder = join(root, "tests/tenants/storage");
const files = ["index.js", "said.js", "sql.js", "entries.js", "transactions.js", "alarms.js"];
const limit = { timeout: 30_000 };

describe("storage, as workerd has it", () => {
  const suite = lifetime();
  let session, miniflare;
  before(async () => {
    session = await serve(suite, folder, "--threads", "1");
    miniflare = new Miniflare({
      modules: files.map((path) => ({ type: "ESModule", path, contents: readFileSync(join(folder, path), "utf8") })),
      compatibilityDate: "2026-01-01",
      durableObjects: { OBJECT: { className: "Stored", useSQLite: true }, SILENT: { className: "Silent", useSQLite: true } },
    });
    suite.after(() => miniflare.dispose());
    await miniflare.ready;
  });

  for (const name of [...Object.keys(programs), "silent"]) {
    test(name.replaceAll("_", " "), limit, async () => {
      const [{ text: ours }, theirs] = await Promise.all([
        ask(session.port, `/${name}`),
        miniflare.dispatchFetch(`http://localhost/${name}`).then((response) => response.text()),
      ]);
      assert.deepEqual(JSON.parse(ours), JSON.parse(theirs));
    });
  }
});
