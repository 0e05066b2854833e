import { bytes, describe, equal, ok, test, throws } from "../harness.js";

describe("clone");

test("primitives", () => {
  for (const value of [undefined, null, true, 1.5, -0, NaN, "text", 10n]) {
    ok(Object.is(structuredClone(value), value));
  }
});

test("objects and arrays, deeply", () => {
  const value = { a: [1, { b: "c" }], d: { e: undefined, f: null } };
  const copy = structuredClone(value);
  equal(copy, value);
  ok(copy !== value && copy.a !== value.a && copy.a[1] !== value.a[1]);
});

test("built-in objects", () => {
  const copy = structuredClone({
    date: new Date(5),
    expression: /a+/gi,
    map: new Map([[1, { x: 2 }]]),
    set: new Set(["a"]),
    boxed: new Number(5),
    bytes: bytes(1, 2, 3),
    floats: new Float64Array([1.5]),
    view: new DataView(new ArrayBuffer(4), 1, 2),
    sparse: [1, , 3],
  });
  equal(copy.date.getTime(), 5);
  equal(String(copy.expression), "/a+/gi");
  equal(copy.map.get(1), { x: 2 });
  ok(copy.set.has("a"));
  equal(copy.boxed.valueOf(), 5);
  equal(copy.bytes, bytes(1, 2, 3));
  equal(copy.floats[0], 1.5);
  equal([copy.view.byteOffset, copy.view.byteLength], [1, 2]);
  ok(!(1 in copy.sparse));
});

test("errors keep name, message and cause", () => {
  const copy = structuredClone(new RangeError("m", { cause: "why" }));
  ok(copy instanceof RangeError);
  equal(copy.message, "m");
  equal(copy.cause, "why");
});

test("cycles and shared references", () => {
  const value = { list: [] };
  value.self = value;
  value.list.push(value, value.list);
  const copy = structuredClone(value);
  ok(copy.self === copy && copy.list[0] === copy && copy.list[1] === copy.list);
  const shared = {};
  const pair = structuredClone([shared, shared]);
  ok(pair[0] === pair[1]);
});

test("class instances become plain objects", () => {
  class Point {
    constructor() {
      this.x = 1;
    }
    get y() {
      return 2;
    }
  }
  const copy = structuredClone(new Point());
  equal(copy, { x: 1 });
  ok(Object.getPrototypeOf(copy) === Object.prototype);
});

test("transfer", () => {
  const buffer = bytes(1, 2, 3).buffer;
  const copy = structuredClone({ buffer }, { transfer: [buffer] });
  equal(buffer.byteLength, 0);
  equal(new Uint8Array(copy.buffer), bytes(1, 2, 3));
});

test("what cannot be cloned", () => {
  throws(() => structuredClone(() => 1), "DataCloneError", "could not be cloned");
  throws(() => structuredClone({ f() {} }), "DataCloneError");
  throws(() => structuredClone(Symbol("x")), "DataCloneError");
  throws(() => structuredClone(new WeakMap()), "DataCloneError");
  throws(() => structuredClone(Promise.resolve()), "DataCloneError");
  throws(() => structuredClone(1, { transfer: [{}] }), "DataCloneError");
  const buffer = new ArrayBuffer(1);
  throws(() => structuredClone(buffer, { transfer: [buffer, buffer] }), "DataCloneError");
});

test("getters run, and their errors pass", () => {
  equal(structuredClone({ get a() { return 5; } }), { a: 5 });
  throws(() => structuredClone({ get a() { throw new RangeError("x"); } }), RangeError);
});

test("of the platform's objects, what has a body cannot be cloned, and what has none can", () => {
  equal(structuredClone(new Request("http://a/")).url, "http://a/");
  equal(structuredClone(new Headers({ a: "b" })).get("a"), "b");
  throws(() => structuredClone({ deep: new Response("x") }), "DataCloneError");
  throws(() => structuredClone(new ReadableStream()), "DataCloneError");
});

test("blobs and files", async () => {
  const { blob, file } = structuredClone({
    blob: new Blob(["abc"], { type: "a/b" }),
    file: new File(["def"], "name", { type: "c/d", lastModified: 7 }),
  });
  ok(blob instanceof Blob && !(blob instanceof File));
  equal([await blob.text(), blob.type], ["abc", "a/b"]);
  ok(file instanceof File);
  equal([await file.text(), file.name, file.type, file.lastModified], ["def", "name", "c/d", 7]);
});

test("a DOMException", () => {
  const [copy] = structuredClone([new DOMException("m", "AbortError")]);
  ok(copy instanceof DOMException);
  equal([copy.name, copy.message, copy.code], ["AbortError", "m", 20]);
});
