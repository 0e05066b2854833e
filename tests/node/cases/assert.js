import assert, { AssertionError } from "node:assert";
import strict from "node:assert/strict";
import { describe, equal, ok, test } from "../../js/harness.js";

describe("assert");

const thrown = (run) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};
const fails = (run) => thrown(run) instanceof AssertionError;

test("what holds passes, and the rest throws an AssertionError", () => {
  assert(true);
  assert.ok(1);
  assert.equal(1, "1");
  assert.deepEqual({ a: 1 }, { a: "1" });
  assert.deepStrictEqual([{ a: 1n }], [{ a: 1n }]);
  assert.notStrictEqual(1, "1");
  assert.match("abc", /b/);
  assert.ifError(null);
  for (const run of [
    () => assert(0), () => assert.equal(1, 2), () => assert.strictEqual(1, "1"), () => assert.deepStrictEqual({ a: 1 }, { a: "1" }),
    () => assert.notDeepStrictEqual([1], [1]), () => assert.fail(), () => assert.match("abc", /x/), () => assert.doesNotMatch("abc", /a/),
    () => strict.equal(1, "1"), () => strict(false), () => assert.strict.deepEqual([1], ["1"]),
  ]) {
    ok(fails(run), String(run));
  }
});

test("an AssertionError tells what was compared", () => {
  const error = thrown(() => assert.strictEqual(1, 2));
  equal([error.name, error.code, error.actual, error.expected, error.operator, error.generatedMessage],
    ["AssertionError", "ERR_ASSERTION", 1, 2, "strictEqual", true]);
  equal(error.message, "Expected values to be strictly equal:\n\n1 !== 2\n");
  equal(thrown(() => assert.equal(1, 2, "mine")).message, "mine");
  equal(thrown(() => assert.ok(false, new RangeError("own"))).message, "own");
});

test("throws and rejects", async () => {
  assert.throws(() => { throw new RangeError("bad"); }, RangeError);
  assert.throws(() => { throw new RangeError("bad"); }, /bad/);
  assert.throws(() => { throw new RangeError("bad"); }, { name: "RangeError", message: /^b/ });
  assert.throws(() => { throw new RangeError("bad"); }, (error) => error.message === "bad");
  ok(fails(() => assert.throws(() => {})));
  ok(fails(() => assert.throws(() => { throw new Error("x"); }, RangeError)));
  ok(fails(() => assert.throws(() => { throw new Error("x"); }, /y/)));
  ok(fails(() => assert.doesNotThrow(() => { throw new Error("x"); })));
  await assert.rejects(Promise.reject(new Error("x")), /x/);
  await assert.rejects(async () => { throw new Error("x"); });
  ok((await assert.rejects(Promise.resolve()).catch((error) => error)) instanceof AssertionError);
  await assert.doesNotReject(Promise.resolve());
});
