// The judge of the crash test finds what is wrong: each kind of broken promise, made up.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WriteHistory } from "../support/write_history.mjs";

/** A history with these numbers acknowledged, and the numbers in doubt. */
function history(last, inDoubt = []) {
  const made = new WriteHistory("place");
  for (let n = 1; n <= last; ++n) {
    made.attempt();
    if (!inDoubt.includes(n)) made.acknowledge(n);
  }
  return made;
}

const reading = (heads, entries) => ({ heads, entries });

describe("a right history is found right", () => {
  test("everything acknowledged is there", () => {
    assert.deepEqual(history(3).judge(reading([3, 3, 3], [1, 2, 3])), []);
  });
  test("nothing was written", () => {
    assert.deepEqual(history(0).judge(reading([0, 0, 0], [])), []);
  });
  test("a write in doubt is there, or is not", () => {
    assert.deepEqual(history(3, [3]).judge(reading([3, 3, 3], [1, 2, 3])), []);
    assert.deepEqual(history(3, [3]).judge(reading([2, 2, 2], [1, 2])), []);
    assert.deepEqual(history(3, [3]).judge(reading([2, 2], null)), []);
  });
});

describe("a wrong one is found wrong", () => {
  const cases = [
    ["an acknowledged write is lost", history(3), reading([2, 2, 2], [1, 2]), /3 was acknowledged and is lost/],
    ["one without entries is lost", history(3), reading([2, 2], null), /3 was acknowledged and is lost/],
    ["one in the middle is lost", history(3), reading([3, 3, 3], [1, 3]), /entry 2 was acknowledged and is lost/],
    ["all are lost", history(2), reading([0, 0, 0], []), /1 was acknowledged and is lost/],
    ["a write in doubt is torn", history(3, [3]), reading([3, 2, 2], [1, 2]), /kept in part: heads 3, 2, 2/],
    ["its entry is missing", history(3, [3]), reading([3, 3, 3], [1, 2]), /kept in part: head 3 without its entry/],
    ["its heads are missing", history(3, [3]), reading([2, 2, 2], [1, 2, 3]), /kept in part: entry 3 without its head/],
    ["something nobody wrote is there", history(2), reading([7, 7, 7], [1, 2, 7]), /7 was never written/],
  ];
  for (const [name, made, found, message] of cases) {
    test(name, () => assert.match(made.judge(found).join("\n"), message));
  }

  test("a write that was found lost comes back", () => {
    const made = history(3, [3]);
    assert.deepEqual(made.judge(reading([2, 2, 2], [1, 2])), []);
    made.acknowledge(made.attempt());
    assert.match(made.judge(reading([4, 4, 4], [1, 2, 3, 4])).join("\n"), /entry 3 came back/);
  });

  test("a write that was found kept goes away", () => {
    const made = history(3, [3]);
    assert.deepEqual(made.judge(reading([3, 3], null)), []);
    assert.match(made.judge(reading([2, 2], null)).join("\n"), /the head went back from 3 to 2/);
    const listed = history(3, [3]);
    assert.deepEqual(listed.judge(reading([3, 3, 3], [1, 2, 3])), []);
    listed.acknowledge(listed.attempt());
    assert.match(listed.judge(reading([4, 4, 4], [1, 2, 4])).join("\n"), /entry 3 was read before and is lost/);
  });
});
