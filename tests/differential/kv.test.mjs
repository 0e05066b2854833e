// Workers KV on Selvage and on miniflare: the same answers and the same words, or a difference that
// is listed here with its reason.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { startSelvage } from "../js/server.mjs";

const differences = {
  "bulk int keys": "workerd loses keys that look like indices of an array",
  "bulk numbers": "workerd loses keys that look like indices of an array",
  lone: "miniflare refuses a key with a lone surrogate; here it becomes U+FFFD",
  "meta fn": "miniflare fails inside; a function is no JSON, hence no metadata",
  "put stream of strings": "workerd takes strings in a stream for bytes; here they are refused",
  "too big stream": "miniflare reads on to say how long the value is; here it is refused at the limit",
};

const project = new URL("kv/", import.meta.url);
const selvage = await startSelvage(fileURLToPath(project));
const miniflare = new Miniflare({
  modules: true,
  script: readFileSync(new URL("main.js", project), "utf8"),
  compatibilityDate: "2026-07-30",
  kvNamespaces: ["KV"],
});
after(() => Promise.all([selvage.stop(), miniflare.dispose()]));
const [ours, theirs] = await Promise.all([
  fetch(`${selvage.url}/`).then((response) => response.json()),
  miniflare.dispatchFetch("http://localhost/").then((response) => response.json()),
]);

for (const name of Object.keys(theirs)) {
  test(name, () => {
    if (Object.hasOwn(differences, name)) {
      assert.notDeepEqual(ours[name], theirs[name], "no difference any more: take it from the list");
    } else {
      assert.deepEqual(ours[name], theirs[name]);
    }
  });
}

test("every difference names a probe", () => {
  for (const name of Object.keys(differences)) assert.ok(Object.hasOwn(theirs, name), name);
});
