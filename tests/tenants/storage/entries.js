import { said, saidLater } from "./said.js";

const one = (attempt) => (object) => saidLater(() => attempt(object.storage, object));

const stored = {
  date: new Date(5), map: new Map([[1, { a: [2] }]]), set: new Set(["a"]), big: 2n ** 70n, bytes: new Uint8Array([1, 2]), regexp: /a/g,
  error: new RangeError("e"), nothing: null, not: undefined, minus: -0, nan: NaN, text: "é 🚀", empty: "", long: "x".repeat(10_000), list: [1, , 3],
};

/** Each is tried in an object of its own, on an entry named "k". */
const puts = {
  function: () => Math.max, symbol: () => Symbol("q"), undefined: () => undefined, promise: () => Promise.resolve(1), weakMap: () => new WeakMap(), proxy: () => new Proxy({}, {}),
  url: () => new URL("http://x"), params: () => new URLSearchParams("a=b"), form: () => new FormData(), stream: () => new ReadableStream(), encoder: () => new TextEncoder(), event: () => new Event("x"),
  signal: () => new AbortController().signal, nested: () => ({ a: [new URL("http://x")] }), context: (object) => object.ctx, storage: (object) => object.storage, id: (object) => object.ctx.id,
  throwing: () => ({ get a() { throw new RangeError("from a getter"); } }), ownClass: () => { class Own { constructor() { this.a = 1; } method() {} } return new Own(); },
  buffer: () => new ArrayBuffer(3), exception: () => { const error = new TypeError("q"); error.extra = 1; return error; },
};

async function fill(storage) {
  await storage.put({ a: 1, b: 2, "b:1": 3, "b:2": 4, c: 5, ä: 6, "\uffee": 7, "🚀": 8 });
}

const lists = [
  {}, { prefix: "b" }, { start: "b" }, { startAfter: "b" }, { end: "b:2" }, { start: "b", end: "c" }, { limit: 2 }, { reverse: true }, { reverse: true, limit: 2 }, { reverse: true, start: "b:1" },
  { reverse: true, startAfter: "a", limit: 1 }, { reverse: true, end: "c", limit: 1 }, { prefix: "b", start: "b:2" }, { prefix: "b", end: "a" }, { prefix: "zzz" }, { start: "c", end: "b" }, { prefix: "" },
  { start: "ä" }, { limit: 0 }, { limit: -1 }, { limit: "2" }, { limit: "x" }, { limit: NaN }, { limit: 1.5 }, { limit: 1e12 }, { start: "a", startAfter: "b" }, null, undefined, "x", 5, { start: null },
  { prefix: 5 }, { limit: undefined, start: undefined }, { reverse: 1, limit: 1 }, { prefix: "b", limit: 2, reverse: true }, { prefix: "b", startAfter: "b:1" }, { startAfter: "b", end: "c" }, { allowConcurrency: true, noCache: true },
];

export const entries = {
  ...Object.fromEntries(
    Object.entries(puts).map(([name, make]) => [
      `put_${name}`,
      async (object) => [
        await saidLater(() => object.storage.put("k", make(object))), said(() => object.storage.kv.put("s", make(object))),
        await saidLater(async () => Object.prototype.toString.call(await object.storage.get("k"))), await saidLater(async () => JSON.stringify(await object.storage.get("k"))),
      ],
    ]),
  ),
  async put_types({ storage }) {
    await storage.put("types", stored);
    const back = await storage.get("types");
    const again = storage.kv.get("types");
    return [back, again].map((each) => [
      each.date.getTime(), [...each.map], [...each.set], each.big, [...each.bytes], String(each.regexp), `${each.error.name}: ${each.error.message}`, each.nothing, "not" in each, each.not, each.minus, each.nan,
      each.text, each.empty, each.long.length, each.list.length, 1 in each.list,
    ]);
  },
  async put_exception_and_back({ storage }) {
    const error = new TypeError("q");
    error.extra = 1;
    await storage.put("k", error);
    const back = await storage.get("k");
    const dom = new DOMException("m", "AbortError");
    await storage.put("d", dom);
    const domBack = await storage.get("d");
    return [back.name, back.message, back.extra, back instanceof TypeError, back.stack === error.stack, domBack.name, domBack.message, domBack instanceof DOMException];
  },
  put_headers: one(async (storage) => {
    await storage.put("k", new Headers({ a: "b", "Set-Cookie": "c" }));
    return [...(await storage.get("k"))];
  }),
  put_all_or_none: async ({ storage }) => [await saidLater(() => storage.put({ f: 1, g: Math.max })), await storage.get("f"), await storage.put({ h: undefined, i: 2 }), [...(await storage.list()).keys()]],
  async arguments({ storage }) {
    const attempts = [
      () => storage.get(), () => storage.get(5), () => storage.get(null), () => storage.get({}), () => storage.get(undefined), () => storage.put(), () => storage.put("k", undefined), () => storage.put("k"), () => storage.put({ a: 1 }, 5),
      () => storage.put({ a: 1 }, "x"), () => storage.put({ a: 1 }, {}), () => storage.put(null, 1), () => storage.put(["z"], {}), () => storage.put(5, 1), () => storage.delete(), () => storage.delete(5), () => storage.delete(null),
      () => storage.get("null"), () => storage.get("5"), () => storage.put("k", 1, null), () => storage.put("k", 1, {}), () => storage.get("k", {}), () => storage.get(Symbol("x")), () => storage.list(), () => storage.deleteAll({}), () => storage.sync(),
      () => storage.transaction(), () => storage.transaction(5), () => storage.transactionSync(), () => storage.transactionSync({}),
    ];
    const all = [];
    for (const attempt of attempts) all.push(await saidLater(attempt));
    return all;
  },
  async several({ storage }) {
    await storage.put({ a: 1, b: 2, "🚀": 3, "\uffee": 4 });
    return [
      [...(await storage.get(["b", 5, "a", "b", "missing", "🚀", "\uffee"]))], [...(await storage.get([]))], await storage.delete(["a", "missing", "a"]), await storage.delete([]), await storage.delete("b"), await storage.delete("b"), [...(await storage.list())],
    ];
  },
  async more_than_128({ storage }) {
    const keys = Array.from({ length: 300 }, (_, i) => `m${i}`);
    await storage.put(Object.fromEntries(keys.map((key, i) => [key, i])));
    return [(await storage.get(keys)).size, await storage.delete(keys), (await storage.list()).size];
  },
  async keys({ storage }) {
    const all = ["", "x".repeat(2048), "x".repeat(2049), "x".repeat(10_000), "a\0b", "🚀", "__proto__", "constructor"];
    const found = [];
    for (const key of all) {
      await storage.put(key, key.length);
      found.push(await storage.get(key));
    }
    return [found, [...(await storage.list()).values()], await storage.delete(""), await storage.get("")];
  },
  async sizes({ storage }) {
    const all = [];
    for (const size of [100_000, 1_900_000, 2_097_152, 2_199_980, 2_200_000, 2_300_000, 5_000_000]) {
      all.push(await saidLater(() => storage.put("big", "x".repeat(size))), said(() => storage.kv.put("big", "x".repeat(size))));
      all.push((await storage.get("big"))?.length);
    }
    await storage.put("after", 1);
    return [all, await storage.get("after")];
  },
  async lists({ storage }) {
    await fill(storage);
    const all = [];
    for (const options of lists) all.push([options, await saidLater(async () => [...(await storage.list(options))])]);
    return all;
  },
  async kv_lists({ storage }) {
    await fill(storage);
    return lists.map((options) => [options, said(() => [...storage.kv.list(options)])]);
  },
  kv: ({ storage: { kv } }) => [
    kv.get("a"), kv.put("a", { x: 1 }), kv.get("a"), kv.delete("a"), kv.delete("a"), kv.get("a"), said(() => kv.get()), said(() => kv.put()), said(() => kv.put("only")), said(() => kv.put({ a: 1 })), said(() => kv.delete()), said(() => kv.get(["a"])),
    kv.put("u", undefined), kv.get("u"), said(() => kv.put("f", Math.max)), kv.put(5, "five"), kv.get("5"), [...kv.list()],
  ],
  async kv_is_storage({ storage }) {
    storage.kv.put("sync", 1);
    await storage.put("async", 2);
    return [await storage.get("sync"), storage.kv.get("async"), [...storage.kv.list()], await storage.delete("sync"), storage.kv.get("sync")];
  },
  async kv_list_and_changes({ storage }) {
    await fill(storage);
    const { kv } = storage;
    const deleting = [];
    for (const [key] of kv.list()) {
      deleting.push(key);
      kv.delete(key);
    }
    await fill(storage);
    const ahead = [];
    for (const [key] of kv.list()) {
      ahead.push(key);
      kv.delete("c");
      kv.put("zz", 9);
    }
    const reverse = [];
    for (const [key] of kv.list({ reverse: true, limit: 4 })) {
      reverse.push(key);
      kv.delete("b:2");
    }
    return [deleting, ahead, reverse];
  },
  async kv_list_twice({ storage }) {
    await fill(storage);
    const { kv } = storage;
    const first = kv.list();
    const seen = [first.next()];
    const second = kv.list();
    seen.push(second.next(), said(() => first.next()));
    const all = [...second];
    return [seen, all.length, second.next(), String(second), typeof second.map, typeof second.return];
  },
  async kv_many({ storage }) {
    for (let i = 0; i < 500; ++i) storage.kv.put(`k${String(i).padStart(3, "0")}`, i);
    return [[...storage.kv.list()].length, [...storage.kv.list({ limit: 200, reverse: true })].at(-1), [...storage.kv.list({ start: "k100", limit: 130 })].at(-1)];
  },
  async delete_all({ storage }) {
    await fill(storage);
    storage.sql.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
    const cursor = storage.sql.exec("SELECT a FROM t");
    cursor.next();
    const listed = storage.kv.list();
    listed.next();
    const done = await storage.deleteAll();
    return [
      done, said(() => cursor.next()), said(() => storage.sql.exec("SELECT * FROM t").toArray()), [...(await storage.list())], storage.sql.databaseSize, storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
      await storage.deleteAll(), storage.kv.put("new", 1), [...(await storage.list())],
    ];
  },
  async delete_all_in_one_turn({ storage }) {
    storage.put("a", 1);
    storage.deleteAll();
    storage.put("b", 2);
    storage.sql.exec("CREATE TABLE t(a)");
    await storage.sync();
    return [[...(await storage.list())], storage.sql.exec("SELECT count(*) AS n FROM t").one()];
  },
};
