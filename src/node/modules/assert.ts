// https://nodejs.org/api/assert.html
import { inspection } from "../../web/builtins/groups.ts";
import { isDeepEqual } from "../comparisons.ts";
import { checkFunction, invalidArgType, nodeError } from "../errors.ts";

const { inspect } = inspection.load();

type Expected = RegExp | Record<string, unknown> | Error | ((...args: any[]) => any);

export class AssertionError extends Error {
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string;
  readonly generatedMessage: boolean;
  readonly code = "ERR_ASSERTION";

  constructor(options: {
    message?: string; actual?: unknown; expected?: unknown; operator?: string; stackStartFn?: Function;
  }) {
    if (typeof options !== "object" || options === null) throw invalidArgType("options", "object", options);
    const { message, actual, expected, operator = "" } = options;
    super(message === undefined ? describe(actual, expected, operator) : String(message));
    this.generatedMessage = message === undefined;
    Object.defineProperty(this, "name", { value: "AssertionError", writable: true, configurable: true });
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
    const { captureStackTrace } = Error as unknown as { captureStackTrace(on: object, above?: Function): void };
    captureStackTrace(this, options.stackStartFn);
  }
}

const shown = (value: unknown) => inspect(value, { depth: 1000, sorted: true, maxArrayLength: null });

const sentences: Record<string, string> = {
  strictEqual: "Expected values to be strictly equal:",
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  deepEqual: "Expected values to be loosely deep-equal:",
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  partialDeepStrictEqual: "Expected values to be partially and strictly deep-equal:",
};

function describe(actual: unknown, expected: unknown, operator: string): string {
  if (operator === "fail") return "Failed";
  const sentence = sentences[operator];
  if (sentence === undefined) return `${shown(actual)} ${operator} ${shown(expected)}`;
  if (operator.startsWith("not")) return `${sentence}\n\n${shown(expected)}\n`;
  const left = shown(actual);
  const right = shown(expected);
  if (operator === "strictEqual" && !left.includes("\n") && !right.includes("\n")) {
    return `${sentence}\n\n${left} !== ${right}\n`;
  }
  return `${sentence}\n+ actual - expected\n\n${difference(left.split("\n"), right.split("\n"))}\n`;
}

/** Line by line, by the longest common part of what lies between the equal ends. */
function difference(a: string[], b: string[]): string {
  const most = 300;
  if (a.length > most || b.length > most) {
    return [...a.slice(0, most).map((line) => `+ ${line}`), ...b.slice(0, most).map((line) => `- ${line}`)].join("\n");
  }
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i]}`);
      ++i;
      ++j;
    } else if (j === b.length || (i < a.length && table[i + 1]![j]! >= table[i]![j + 1]!)) {
      lines.push(`+ ${a[i++]}`);
    } else {
      lines.push(`- ${b[j++]}`);
    }
  }
  return lines.join("\n");
}

function failWith(message: unknown, details: { actual?: unknown; expected?: unknown; operator: string }, above: Function): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ ...details, ...(message !== undefined && { message: message as string }), stackStartFn: above });
}

function checkCount(count: number, wanted: number): void {
  if (count >= wanted) return;
  throw nodeError(TypeError, "ERR_MISSING_ARGS", 'The "actual" and "expected" arguments must be specified');
}

export function ok(...args: [value?: unknown, message?: unknown]): void {
  const [value, message] = args;
  if (value) return;
  if (args.length === 0) {
    failWith("No value argument passed to `assert.ok()`", { actual: value, expected: true, operator: "==" }, ok);
  }
  failWith(
    message ?? "The expression evaluated to a falsy value", { actual: value, expected: true, operator: "==" }, ok,
  );
}

function comparison(
  operator: string, holds: (actual: unknown, expected: unknown) => boolean,
): (actual: unknown, expected: unknown, message?: unknown) => void {
  const named = {
    [operator](...args: unknown[]): void {
      checkCount(args.length, 2);
      const [actual, expected, message] = args;
      if (!holds(actual, expected)) failWith(message, { actual, expected, operator: signs[operator] ?? operator }, named[operator]!);
    },
  };
  return named[operator] as never;
}
const signs: Record<string, string> = { equal: "==", notEqual: "!=" };

const looselySame = (a: unknown, b: unknown) => a == b || (a !== a && b !== b);
export const equal = comparison("equal", looselySame);
export const notEqual = comparison("notEqual", (a, b) => !looselySame(a, b));
export const strictEqual = comparison("strictEqual", Object.is);
export const notStrictEqual = comparison("notStrictEqual", (a, b) => !Object.is(a, b));
export const deepEqual = comparison("deepEqual", (a, b) => isDeepEqual(a, b, "loose"));
export const notDeepEqual = comparison("notDeepEqual", (a, b) => !isDeepEqual(a, b, "loose"));
export const deepStrictEqual = comparison("deepStrictEqual", (a, b) => isDeepEqual(a, b, "strict"));
export const notDeepStrictEqual = comparison("notDeepStrictEqual", (a, b) => !isDeepEqual(a, b, "strict"));
export const partialDeepStrictEqual = comparison("partialDeepStrictEqual", (a, b) => isDeepEqual(a, b, "partial"));

export function fail(message?: unknown): never {
  failWith(message ?? "Failed", { operator: "fail" }, fail);
}

export function ifError(value: unknown): void {
  if (value === null || value === undefined) return;
  const text = value instanceof Error ? value.message || value.name : inspect(value);
  throw new AssertionError({
    message: `ifError got unwanted exception: ${text}`, actual: value, expected: null, operator: "ifError", stackStartFn: ifError,
  });
}

function pattern(name: string, wanted: boolean): (text: unknown, expression: RegExp, message?: unknown) => void {
  return function matches(text, expression, message) {
    if (!(expression instanceof RegExp)) throw invalidArgType("regexp", "RegExp", expression);
    if (typeof text === "string" && expression.test(text) === wanted) return;
    const sentence =
      typeof text !== "string"
        ? `The "string" argument must be of type string. Received ${inspect(text)}`
        : `The input ${wanted ? "did not match the regular expression" : "was expected to not match the regular expression"} ${inspect(expression)}. Input:\n\n${inspect(text)}\n`;
    failWith(message ?? sentence, { actual: text, expected: expression, operator: name }, matches);
  };
}
export const match = pattern("match", true);
export const doesNotMatch = pattern("doesNotMatch", false);

/** Throws unless `error` is what `expected` describes. */
function checkThrown(error: unknown, expected: Expected | undefined, message: unknown, above: Function): void {
  if (expected === undefined) return;
  const operator = above.name;
  if (typeof expected === "function") {
    const isClass = expected.prototype !== undefined && error instanceof expected;
    if (isClass) return;
    if (Error.isPrototypeOf(expected) || expected === Error) {
      failWith(
        message ?? `The error is expected to be an instance of "${expected.name}". Received ${inspect(error, { depth: 0 })}`,
        { actual: error, expected, operator }, above,
      );
    }
    if (expected.call({}, error) === true) return;
    failWith(
      message ?? `The ${expected.name ? `"${expected.name}"` : ""} validation function is expected to return "true".\n\nCaught error:\n\n${inspect(error)}`,
      { actual: error, expected, operator }, above,
    );
  }
  if (expected instanceof RegExp) {
    if (expected.test(String(error))) return;
    failWith(
      message ?? `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(String(error))}\n`,
      { actual: error, expected, operator }, above,
    );
  }
  if (typeof expected !== "object" || expected === null) {
    throw invalidArgType("expected", ["Function", "Error", "RegExp", "Object"], expected);
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push("name", "message");
  for (const key of keys) {
    const wanted = (expected as Record<string, unknown>)[key];
    const found = (error as Record<string, unknown> | null)?.[key];
    if (typeof found === "string" && wanted instanceof RegExp && wanted.test(found)) continue;
    if (typeof error === "object" && error !== null && key in error && isDeepEqual(found, wanted, "strict")) continue;
    failWith(message, { actual: error, expected, operator: "deepStrictEqual" }, above);
  }
}

function sorted(expected: unknown, message: unknown): [Expected | undefined, unknown] {
  return typeof expected === "string" ? [undefined, expected] : [expected as Expected, message];
}

export function throws(run: () => unknown, expected?: unknown, message?: unknown): void {
  checkFunction(run, "fn");
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
    checkThrown(error, ...sorted(expected, message), throws);
    return;
  }
  missing("exception", expected, message, throws);
}

function missing(what: string, expected: unknown, message: unknown, above: Function): never {
  const [wanted, text] = sorted(expected, message);
  const name = typeof wanted === "function" && wanted.name ? ` (${wanted.name})` : "";
  if (text instanceof Error) throw text;
  failWith(
    `Missing expected ${what}${name}${text === undefined ? "." : `: ${String(text)}`}`,
    { actual: undefined, expected: wanted, operator: above.name }, above,
  );
}

function promiseOf(run: unknown): Promise<unknown> {
  const result: unknown = typeof run === "function" ? run() : run;
  if (typeof (result as PromiseLike<unknown> | null)?.then !== "function") {
    if (typeof run !== "function") throw invalidArgType("promiseFn", ["function", "Promise"], run);
    throw nodeError(
      TypeError, "ERR_INVALID_RETURN_VALUE",
      `Expected instance of Promise to be returned from the "promiseFn" function but got ${typeof result}.`,
    );
  }
  return result as Promise<unknown>;
}

export async function rejects(run: unknown, expected?: unknown, message?: unknown): Promise<void> {
  try {
    await promiseOf(run);
  } catch (error) {
    checkThrown(error, ...sorted(expected, message), rejects);
    return;
  }
  missing("rejection", expected, message, rejects);
}

function unwanted(what: string, error: unknown, expected: unknown, message: unknown, above: Function): never {
  const [wanted, text] = sorted(expected, message);
  if (typeof wanted === "function" && !(error instanceof wanted)) throw error;
  if (wanted instanceof RegExp && !wanted.test(String(error))) throw error;
  failWith(
    `Got unwanted ${what}${text === undefined ? "." : `: ${String(text)}`}\nActual message: "${(error as Error | null)?.message}"`,
    { actual: error, expected: wanted, operator: above.name }, above,
  );
}

export function doesNotThrow(run: () => unknown, expected?: unknown, message?: unknown): void {
  checkFunction(run, "fn");
  try {
    run();
  } catch (error) {
    unwanted("exception", error, expected, message, doesNotThrow);
  }
}

export async function doesNotReject(run: unknown, expected?: unknown, message?: unknown): Promise<void> {
  try {
    await promiseOf(run);
  } catch (error) {
    unwanted("rejection", error, expected, message, doesNotReject);
  }
}

const all = {
  AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject, doesNotThrow, equal, fail,
  ifError, match, notDeepEqual, notDeepStrictEqual, notEqual, notStrictEqual, ok,
  partialDeepStrictEqual, rejects, strictEqual, throws,
};

/** assert.ok() that has the others as its own: `default` of node:assert and of node:assert/strict. */
export const strict: typeof all & ((value: unknown, message?: unknown) => void) & { strict: unknown } = Object.assign(
  function strict(...args: [unknown?, unknown?]) {
    ok(...args);
  },
  all,
  { equal: strictEqual, notEqual: notStrictEqual, deepEqual: deepStrictEqual, notDeepEqual: notDeepStrictEqual },
) as never;
strict.strict = strict;

const assert = Object.assign(
  function assert(...args: [unknown?, unknown?]) {
    ok(...args);
  },
  all,
  { strict },
);
export default assert;
