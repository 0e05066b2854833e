// The probes on both runtimes: the same answers, or a difference that is listed with its reason.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSelvage } from "../js/server.mjs";
import { startWorkerd } from "./workerd.mjs";

const { probes: expected } = JSON.parse(
  readFileSync(new URL("expectations.json", import.meta.url), "utf8"),
);
const project = new URL("probes/", import.meta.url);
const servers = [
  await startSelvage(fileURLToPath(project)),
  await startWorkerd(new URL("main.js", project)),
];
after(() => Promise.all(servers.map((server) => server.stop())));
const [ours, theirs] = await Promise.all(
  servers.map(async (server) => (await fetch(`${server.url}/probes`)).json()),
);

for (const id of Object.keys(theirs)) {
  test(id, () => {
    if (Object.hasOwn(expected, id)) {
      assert.notEqual(ours[id], theirs[id], "no difference any more: take it from expectations.json");
    } else {
      assert.equal(ours[id], theirs[id]);
    }
  });
}

test("every expectation names a probe", () => {
  for (const id of Object.keys(expected)) assert.ok(Object.hasOwn(theirs, id), id);
});
