// What two runtimes printed, side by side, and which differences are accepted.
//
// differences.json has for a program's id either
//   { "not_yet": "what is missing" }           the program needs something that is not there
//   { "why": "...", "lines": ["label", ...] }  lines with these labels (what stands before the first
//                                              colon) differ; all others are the same, in the same order
// An accepted difference that is not there is reported like one that is not accepted.
import { readFileSync } from "node:fs";

export const accepted = JSON.parse(readFileSync(new URL("../differences.json", import.meta.url), "utf8"));

const labelOf = (line) => line.split(": ", 1)[0];
const equal = (a, b) => a.length === b.length && a.every((line, index) => line === b[index]);

/** Lines of both: common ones plain, ours with `+`, theirs with `-`. */
function sideBySide(ours, theirs) {
  const common = Array.from({ length: ours.length + 1 }, () => new Array(theirs.length + 1).fill(0));
  for (let i = ours.length - 1; i >= 0; --i) {
    for (let j = theirs.length - 1; j >= 0; --j) {
      common[i][j] = ours[i] === theirs[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const text = [];
  let i = 0;
  let j = 0;
  while (i < ours.length || j < theirs.length) {
    if (i < ours.length && j < theirs.length && ours[i] === theirs[j]) {
      text.push(`  ${ours[i++]}`);
      ++j;
    } else if (j < theirs.length && (i === ours.length || common[i][j + 1] >= common[i + 1][j])) {
      text.push(`- workerd  ${theirs[j++]}`);
    } else {
      text.push(`+ selvage  ${ours[i++]}`);
    }
  }
  return text.join("\n");
}

/**
 * { difference }: empty when what was printed is as expected. `kept` is what of the exception still
 * holds, where something of it has gone: the exception without it, or null.
 */
export function comparison(ours, theirs, exception) {
  if (exception === undefined) return { difference: equal(ours, theirs) ? "" : sideBySide(ours, theirs) };
  const gone = (what, kept) => ({ difference: `${what} no difference any more: take it from differences.json`, kept });
  if (equal(ours, theirs)) return gone("there is", null);
  if (exception.not_yet !== undefined) return { difference: "" };
  const without = (lines, labels) => lines.filter((line) => !labels.includes(labelOf(line)));
  if (!equal(without(ours, exception.lines), without(theirs, exception.lines))) {
    return { difference: sideBySide(ours, theirs) };
  }
  for (const label of exception.lines) {
    const others = exception.lines.filter((other) => other !== label);
    if (equal(without(ours, others), without(theirs, others))) return gone(`"${label}" is`, { ...exception, lines: others });
  }
  return { difference: "" };
}
