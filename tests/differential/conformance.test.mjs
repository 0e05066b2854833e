// The cases of tests/js on workerd: each passes there, or is listed with the reason why it cannot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { startWorkerd } from "./workerd.mjs";

const { conformance: expected } = JSON.parse(
  readFileSync(new URL("expectations.json", import.meta.url), "utf8"),
);
const workerd = await startWorkerd(new URL("../js/main.js", import.meta.url));
after(() => workerd.stop());
const results = await (await fetch(`${workerd.url}/run`)).json();

for (const { suite, name, passed, message } of results) {
  const id = `${suite}: ${name}`;
  test(id, () => {
    if (Object.hasOwn(expected, id)) {
      assert.ok(!passed, "passes on workerd now: take it from expectations.json");
    } else {
      assert.ok(passed, message);
    }
  });
}

test("every expectation names a case", () => {
  const ids = results.map(({ suite, name }) => `${suite}: ${name}`);
  for (const id of Object.keys(expected)) assert.ok(ids.includes(id), id);
});
