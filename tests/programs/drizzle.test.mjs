// drizzle-orm's driver for Durable Objects.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimes } from "./workerd.mjs";

test("drizzle-orm: migrations and queries, as on workerd", async (t) => {
  const [ours, theirs] = await Promise.all(runtimes("drizzle", { LIBRARY: "Library" }).map(({ start }) => start(t)));
  const seen = {};
  for (const path of [
    "fill", "all", "where", "join", "relations", "prepared", "raw", "get", "update", "upsert", "rollback", "unique", "remove", "all",
    "migrations", "nothing",
  ]) {
    const [one, two] = await Promise.all([ours, theirs].map(async ({ url }) => (await fetch(`${url}/${path}`)).text()));
    assert.equal(one, two, path);
    seen[path] = one;
  }
  assert.deepEqual(JSON.parse(seen.join), [{ name: "Ada", books: 2 }, { name: "Bob", books: 1 }]);
  assert.deepEqual(JSON.parse(seen.migrations), [{ done: 2 }]);
  assert.equal(seen.unique, "true");
  assert.deepEqual(JSON.parse(seen.remove), [{ title: "Notes" }, { title: "Nets" }]);
});
