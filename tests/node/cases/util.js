import util, { promisify, types } from "node:util";
import { isPromise } from "node:util/types";
import { describe, equal, ok, rejects, test, throws } from "../../js/harness.js";

describe("util");

test("inspect and format", () => {
  equal(util.inspect({ a: [1, { b: new Map([["k", 1]]) }] }), "{ a: [ 1, { b: [Map] } ] }");
  equal(util.inspect({ a: { b: { c: {} } } }, { depth: 0 }), "{ a: [Object] }");
  equal(util.inspect("it's"), '"it\'s"');
  equal(util.inspect(Buffer.from("hi")), "<Buffer 68 69>");
  equal(util.inspect({ [util.inspect.custom]: () => "mine" }), "mine");
  equal(util.inspect(1, { colors: true }), "\u001b[33m1\u001b[39m");
  equal(util.format("%s is %d, %j %%", "x", 5, { a: 1 }, "more"), 'x is 5, {"a":1} % more');
  equal(util.format(1, "a", {}), "1 a {}");
});

test("promisify and callbackify", async () => {
  const half = (n, done) => (n % 2 ? done(new RangeError("odd")) : done(null, n / 2));
  equal(await promisify(half)(4), 2);
  await rejects(promisify(half)(3), RangeError, "odd");
  const custom = () => {};
  custom[promisify.custom] = () => "own";
  equal(promisify(custom)(), "own");
  equal(await new Promise((resolve) => util.callbackify(async (a) => a + 1)(1, (error, value) => resolve([error, value]))), [null, 2]);
  throws(() => promisify(1), TypeError);
});

test("types", () => {
  ok(types.isPromise === isPromise && isPromise(Promise.resolve()) && !isPromise({ then() {} }));
  ok(types.isDate(new Date()) && types.isRegExp(/a/) && types.isMap(new Map()) && types.isSet(new Set()));
  ok(types.isUint8Array(Buffer.alloc(1)) && !types.isUint8Array(new Int8Array(1)) && types.isTypedArray(new Int8Array(1)));
  ok(types.isArrayBuffer(new ArrayBuffer(1)) && types.isAnyArrayBuffer(new ArrayBuffer(1)) && types.isDataView(new DataView(new ArrayBuffer(1))));
  ok(types.isAsyncFunction(async () => {}) && types.isGeneratorFunction(function* () {}) && types.isGeneratorObject((function* () {})()));
  ok(types.isNativeError(new TypeError()) && types.isBoxedPrimitive(Object(1)) && types.isStringObject(Object("a")));
  ok(types.isProxy(new Proxy({}, {})) && types.isMapIterator(new Map().keys()) && types.isSetIterator(new Set().keys()));
  ok(!types.isNumberObject(Object("a")) && !types.isDate({}) && !types.isMap(null));
});

test("isDeepStrictEqual", () => {
  const same = util.isDeepStrictEqual;
  ok(same({ a: [1, new Map([[{ k: 1 }, new Set([[2]])]])] }, { a: [1, new Map([[{ k: 1 }, new Set([[2]])]])] }));
  ok(!same([1], ["1"]) && !same({ a: undefined }, {}) && !same(0, -0) && same(NaN, NaN));
  ok(!same(new Date(1), new Date(2)) && same(/a/g, /a/g) && !same(/a/g, /a/i));
  ok(!same(new (class A {})(), {}) && same(new Uint8Array([1]), new Uint8Array([1])) && !same(new Set([1]), new Set([2])));
  const a = {}; a.self = a;
  const b = {}; b.self = b;
  ok(same(a, b));
});

test("inherits, deprecate, debuglog", () => {
  function A() {}
  function B() {}
  util.inherits(B, A);
  ok(new B() instanceof A && B.super_ === A);
  equal(util.deprecate((a) => a + 1, "old")(1), 2);
  equal(util.debuglog("nope").enabled, false);
});

test("text", () => {
  ok(util.TextEncoder === TextEncoder && util.TextDecoder === TextDecoder);
  equal(util.stripVTControlCharacters("\u001b[31mred\u001b[39m"), "red");
  equal(util.toUSVString("a\ud800"), "a\ufffd");
  equal(new util.MIMEType("text/html; charset=utf-8").essence, "text/html");
});

test("aborted()", async () => {
  const controller = new AbortController();
  const aborted = util.aborted(controller.signal, {});
  controller.abort();
  equal(await aborted, undefined);
});
