// A small test harness that runs inside the runtime under test.

const cases = [];
let suite = "";

/** The cases registered from now on belong to `name`. */
export function describe(name) {
  suite = name;
}

export function test(name, run) {
  cases.push({ suite, name, run });
}

class AssertionError extends Error {}

function show(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} [${value}]`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function fail(message, note) {
  throw new AssertionError(note === undefined ? message : `${note}: ${message}`);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    return a.constructor === b.constructor && a.length === b.length && a.every((x, i) => x === b[i]);
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

export function equal(actual, expected, note) {
  if (!same(actual, expected)) fail(`expected ${show(expected)}, got ${show(actual)}`, note);
}

export function ok(value, note) {
  if (!value) fail(`expected something true, got ${show(value)}`, note);
}

function check(error, type, message) {
  const name = typeof type === "string" ? type : type.name;
  const isType = typeof type === "string" ? error instanceof DOMException : error instanceof type;
  if (!isType || error.name !== name) fail(`expected ${name}, got ${show(error)}`);
  if (message !== undefined && !error.message.includes(message)) {
    fail(`expected a message with ${show(message)}, got ${show(error)}`);
  }
}

/** `type`: an error class, or the name of a DOMException. */
export function throws(run, type, message) {
  try {
    run();
  } catch (error) {
    check(error, type, message);
    return error;
  }
  fail("nothing was thrown");
}

export async function rejects(promise, type, message) {
  try {
    await promise;
  } catch (error) {
    check(error, type, message);
    return error;
  }
  fail("the promise was not rejected");
}

export async function text(stream) {
  return new Response(stream).text();
}

/** All chunks of a stream. */
export async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export const bytes = (...values) => new Uint8Array(values);
export const utf8 = (value) => new TextEncoder().encode(value);

export const milliseconds = (count) => new Promise((resolve) => setTimeout(resolve, count));

const limit = 5000;

async function runCase(one) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new AssertionError(`not done after ${limit} ms`)), limit);
  });
  try {
    await Promise.race([one.run(), late]);
    return { suite: one.suite, name: one.name, passed: true };
  } catch (error) {
    const message = error instanceof AssertionError ? error.message : `${error?.stack ?? error}`;
    return { suite: one.suite, name: one.name, passed: false, message };
  } finally {
    clearTimeout(timer);
  }
}

export async function runAll(only) {
  const results = [];
  for (const one of cases) {
    if (only === null || one.suite === only) results.push(await runCase(one));
  }
  return results;
}
