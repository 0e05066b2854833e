import fs from "node:fs";
import { createRequire, builtinModules, isBuiltin } from "node:module";
import { describe, equal, ok, test, throws } from "../../js/harness.js";

describe("modules");

const required = require("util");
test("require() in bundled code", () => equal(required.format("%s", "a"), "a"));

test("createRequire and the list of modules", () => {
  const load = createRequire("/");
  ok(load("node:events") === load("events") && typeof load("path").join === "function");
  ok(isBuiltin("node:buffer") && isBuiltin("fs") === isBuiltin("node:fs") && builtinModules.includes("events"));
  throws(() => load("./nothing"), Error);
});

test("dynamic import", async () => {
  const { default: events } = await import("node:events");
  ok(events === createRequire("/")("events"));
});

test("a module that the runtime lacks can be imported", () => {
  equal(typeof fs.readFileSync, "function");
});
