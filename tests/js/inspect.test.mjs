// The formatter behind console.log, against the one it follows: Node's util.inspect. The module is
// bundled alone, with the few natives it needs made of node:util.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import util, { inspect as reference, types } from "node:util";
import vm from "node:vm";
import { build } from "esbuild";

const previewOf = (value) => {
  if (types.isMap(value)) return [[...Map.prototype.entries.call(value)].flat(), true];
  if (types.isSet(value)) return [[...Set.prototype.values.call(value)], false];
  return undefined;
};

const kinds = [
  ["Array", Array.isArray],
  ["Function", (value) => typeof value === "function"],
  ["Error", types.isNativeError],
  ["TypedArray", types.isTypedArray],
  ["Map", types.isMap],
  ["Set", types.isSet],
  ["Promise", types.isPromise],
  ["Date", types.isDate],
  ["RegExp", types.isRegExp],
  ["ArrayBuffer", types.isArrayBuffer],
  ["DataView", types.isDataView],
  ["WeakMap", types.isWeakMap],
  ["WeakSet", types.isWeakSet],
  ["Arguments", types.isArgumentsObject],
  ["Generator", types.isGeneratorObject],
  ["Primitive", types.isBoxedPrimitive],
];

/** Set by the cases, as V8 tells nobody but C++. */
const promises = new WeakMap();
const proxies = new WeakMap();

const natives = {
  builtinKind: (value) => kinds.find(([, is]) => is(value))?.[0] ?? "",
  previewEntries: previewOf,
  promiseDetails: (promise) => promises.get(promise) ?? [0, undefined],
  proxyDetails: (value) => proxies.get(value),
};
globalThis.__nativeFunction = (name) => natives[name];
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("../../src/web/builtins/inspect.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "module",
  target: "esnext",
});
const { inspect, formatLog } = vm.runInThisContext(`${outputFiles[0].text};module`);

class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}
class Named extends Point {
  get [Symbol.toStringTag]() {
    return "Tag";
  }
}
const circular = { name: "root", list: [] };
circular.self = circular;
circular.list.push({ back: circular });
const extended = [1, 2];
extended.extra = true;
const withNullPrototype = Object.assign(Object.create(null), { a: 1 });
const functionWithProperties = Object.assign(function named() {}, { a: 1 });
const sparse = [1, , , 4];

const values = {
  primitives: [1, -0, 1.5, NaN, "text", true, null, undefined, 10n, Symbol("s")],
  "strings in objects": ["plain", "it's", 'both \' and "', "a\nb\tc\\", "\x00\x7f\u200b", "`'\"", ""],
  "short object": { a: 1, b: "two", c: [3] },
  "strange keys": { "a-b": 1, 2: 3, ünï: 5, "with space": 6 },
  nested: { a: { b: { c: { d: 1 } } } },
  "empty things": { a: {}, b: [], c: new Map(), d: new Set(), e: new Uint8Array(), f: "" },
  "long object": Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, `value ${i}`])),
  "long array of numbers": Array.from({ length: 120 }, (_, i) => i * 37),
  "array of strings": Array.from({ length: 30 }, (_, i) => `item ${i}`.repeat(1 + (i % 3))),
  "array of objects": Array.from({ length: 4 }, (_, i) => ({ id: i, name: `n${i}`, tags: ["a", "b"] })),
  "array of short arrays": [[1, 2], [3, [4, [5, [6]]]]],
  "seven numbers": [1, 2, 3, 4, 5, 6, 7],
  "sparse array": sparse,
  "array with a property": extended,
  map: new Map([["a", 1], [{ k: 1 }, new Map([[1, 2]])]]),
  set: new Set([1, "a", { b: 2 }]),
  class: Point,
  "derived class": Named,
  "anonymous class": (() => class {})(),
  instance: new Point(1, { z: 2 }),
  "instance with tag": new Named(1, 2),
  "null prototype": withNullPrototype,
  "empty null prototype": Object.create(null),
  "empty instance": new (class Empty {})(),
  functions: [function named() {}, () => 1, async function later() {}, function* many() {}],
  "function with properties": functionWithProperties,
  dates: [new Date(0), new Date(NaN)],
  circular,
  "typed arrays": [new Uint8Array([1, 2, 3]), new Float64Array([1.5, -0]), new BigInt64Array([5n])],
  accessors: { get a() { return 1; }, set b(_) {}, get c() { return 1; }, set c(_) {} },
  boxed: [new Number(3), new String("abc"), new Boolean(false), Object(Symbol("s")), Object(1n)],
  weak: [new WeakMap(), new WeakSet()],
  "pending promise": new Promise(() => {}),
  "text of several lines": { text: `first line that is rather long\n${"second line ".repeat(8)}\nthird` },
  "long text": { text: "x".repeat(200) },
  "deep in arrays": [[[[[1]]]]],
  "very long line": { a: "x".repeat(60), b: "y".repeat(20) },
  json: JSON.parse('{"users":[{"id":1,"name":"Ann","roles":["admin","dev"],"address":{"city":"X","geo":{"lat":1.5,"lng":2}}}],"total":1}'),
};

for (const [name, value] of Object.entries(values)) {
  test(`inspect: ${name}`, () => {
    assert.equal(inspect(value), reference(value));
    assert.equal(inspect(value, { colors: true }), reference(value, { colors: true }));
    assert.equal(inspect({ inner: value }), reference({ inner: value }));
    assert.equal(inspect([value, value]), reference([value, value]));
  });
}

test("inspect: errors begin with their stack, and end with cause and properties", () => {
  const error = new RangeError("message", { cause: new Error("inner") });
  error.code = 5;
  error.stack = "RangeError: message\n    at here";
  error.cause.stack = "Error: inner\n    at there";
  assert.equal(inspect(error), reference(error));
  const bare = new Error("no stack");
  bare.stack = undefined;
  assert.equal(inspect(bare), "[Error: no stack]");
  const aggregate = new AggregateError([new Error("one")], "both");
  assert.ok(inspect(aggregate).includes("[errors]: ["));
});

test("inspect: settled promises, and proxies without running their traps", () => {
  const fulfilled = Promise.resolve({ a: 1 });
  promises.set(fulfilled, [1, { a: 1 }]);
  // The test runner itself may leave properties on promises.
  assert.match(inspect(fulfilled), /^Promise \{\s+\{ a: 1 \}/);
  const rejected = Promise.reject(5);
  rejected.catch(() => {});
  promises.set(rejected, [2, 5]);
  assert.match(inspect(rejected), /^Promise \{\s+<rejected> 5/);
  const target = { a: 1 };
  const proxy = new Proxy(target, { get: () => assert.fail("a trap ran") });
  proxies.set(proxy, [target, {}]);
  assert.equal(inspect(proxy), "{ a: 1 }");
});

test("inspect: where the reference changes from version to version", () => {
  assert.equal(inspect({ [Symbol("key")]: 4 }), "{ [Symbol(key)]: 4 }");
  assert.equal(inspect(/a+/gi, { colors: true }), "\x1b[31m/a+/gi\x1b[39m");
  assert.equal(
    inspect(new Uint8Array([1, 2, 255]).buffer),
    "ArrayBuffer { [Uint8Contents]: <01 02 ff>, byteLength: 3 }",
  );
  assert.equal(inspect((function () { return arguments; })(1, "a")), "[Arguments] [ 1, 'a' ]");
});

test("inspect: options", () => {
  const deep = { a: { b: { c: { d: { e: 1 } } } } };
  for (const options of [{ depth: 0 }, { depth: null }, { depth: 5 }, { breakLength: 20 }, { compact: 1 }, { sorted: true }, { maxArrayLength: 2 }, { maxStringLength: 3 }]) {
    for (const value of [deep, { z: [1, 2, 3], a: "long text" }]) {
      assert.equal(inspect(value, options), reference(value, options), JSON.stringify(options));
    }
  }
});

test("inspect: an object's own way", () => {
  const own = { [Symbol.for("nodejs.util.inspect.custom")]: (depth) => `own ${depth}` };
  assert.equal(inspect([own]), reference([own]));
});

test("log: directives", () => {
  const object = { a: { b: { c: { d: 1 } } } };
  for (const args of [
    [], ["plain"], ["%s and %s", "a", 5], ["%s", { a: { b: 1 } }], ["%s", -0], ["%s", 5n], ["%s", Symbol("x")],
    ["%d %i %f", "42.5", "42.5", "42.5"], ["%d", 5n], ["%i", {}], ["%j", { a: 1 }], ["%O", object], ["%c red", "color: red"],
    ["100%", 5], ["%%s", 5], ["%s"], ["%x", 1], ["a", "b", { c: 1 }, [1]], [1, "two"], [null, undefined],
    ["%s", null], ["%s", undefined], ["%s", class A {}], ["%s", new Date(0)], ["%s", [1, [2, [3]]]], ["%s", new Error("x").message],
  ]) {
    assert.equal(formatLog(args, {}), util.format(...args), JSON.stringify(args, (_, v) => (typeof v === "bigint" ? `${v}` : v)));
  }
});
