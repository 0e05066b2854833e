import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { describe, equal, milliseconds, ok, test, throws } from "../../js/harness.js";

describe("async_hooks");

const store = new AsyncLocalStorage();
const outside = AsyncLocalStorage.snapshot();

test("a store holds its value within run() and nowhere else", () => {
  equal(store.getStore(), undefined);
  equal(store.run(1, () => store.getStore()), 1);
  equal(store.run(1, (a, b) => a + b, 2, 3), 5);
  equal(store.getStore(), undefined);
});

test("run() nests, and comes back after an exception", () => {
  store.run("outer", () => {
    throws(() => store.run("inner", () => { throw new TypeError(store.getStore()); }), TypeError, "inner");
    equal(store.getStore(), "outer");
    equal(store.exit(() => store.getStore()), undefined);
    equal(store.getStore(), "outer");
  });
});

test("values follow await", async () => {
  const seen = await Promise.all(
    ["a", "b"].map((value) =>
      store.run(value, async () => {
        const before = store.getStore();
        await null;
        const between = store.getStore();
        await milliseconds(1);
        return [before, between, store.getStore()];
      }),
    ),
  );
  equal(seen, [["a", "a", "a"], ["b", "b", "b"]]);
});

test("values follow then(), queueMicrotask and timers", async () => {
  const seen = await store.run("x", () =>
    Promise.all([
      Promise.resolve().then(() => store.getStore()),
      new Promise((resolve) => queueMicrotask(() => resolve(store.getStore()))),
      new Promise((resolve) => setTimeout(() => resolve(store.getStore()), 1)),
      new Promise((resolve) => {
        const id = setInterval(() => {
          clearInterval(id);
          resolve(store.getStore());
        }, 1);
      }),
      new Promise((resolve) => setImmediate(() => resolve(store.getStore()))),
      new Promise((resolve) => process.nextTick(() => resolve(store.getStore()))),
    ]),
  );
  equal(seen, Array(6).fill("x"));
});

test("stores are independent of each other", () => {
  const other = new AsyncLocalStorage();
  store.run(1, () => other.run(2, () => {
    equal([store.getStore(), other.getStore()], [1, 2]);
    store.run(3, () => equal([store.getStore(), other.getStore()], [3, 2]));
    other.exit(() => equal([store.getStore(), other.getStore()], [1, undefined]));
  }));
});

test("a store may hold another store", () => {
  const other = new AsyncLocalStorage();
  other.run(store, () => {
    equal(store.getStore(), undefined);
    store.run(other, () => ok(store.getStore() === other && other.getStore() === store));
  });
});

test("a listener runs in the context of the dispatch", () => {
  const target = new EventTarget();
  const emitter = new EventEmitter();
  const seen = [];
  store.run("registered", () => {
    target.addEventListener("x", () => seen.push(store.getStore()));
    target.addEventListener("x", AsyncLocalStorage.bind(() => seen.push(store.getStore())));
    emitter.on("x", () => seen.push(store.getStore()));
  });
  store.run("dispatched", () => {
    target.dispatchEvent(new Event("x"));
    emitter.emit("x");
  });
  equal(seen, ["dispatched", "registered", "dispatched"]);
});

test("a promise continues in the context of its then()", async () => {
  const { promise, resolve } = Promise.withResolvers();
  const seen = store.run("waiting", () => promise.then(() => store.getStore()));
  store.run("resolving", resolve);
  equal(await seen, "waiting");
});

test("bind() and snapshot() take the context along", () => {
  const [bound, snapshot] = store.run("then", () => [
    AsyncLocalStorage.bind((a) => [a, store.getStore()]),
    AsyncLocalStorage.snapshot(),
  ]);
  store.run("now", () => {
    equal(bound(1), [1, "then"]);
    equal(snapshot((a) => [a, store.getStore()], 2), [2, "then"]);
    equal(store.getStore(), "now");
  });
});

test("a snapshot of the top level can be used in a request", async () => {
  const seen = await store.run("inside", () =>
    outside(async () => {
      await milliseconds(1); // timers belong to the request that runs
      return store.getStore();
    }),
  );
  equal(seen, undefined);
});

test("AsyncResource", () => {
  class Query extends AsyncResource {
    constructor() {
      super("Query");
    }
  }
  const query = store.run("made", () => new Query());
  store.run("run", () => {
    equal(query.runInAsyncScope(function (a) { return [this.b, a, store.getStore()]; }, { b: 1 }, 2), [1, 2, "made"]);
    equal(query.bind(() => store.getStore())(), "made");
  });
  equal(store.run("s", () => AsyncResource.bind(() => store.getStore()))(), "s");
  throws(() => new AsyncResource(1), TypeError);
});
