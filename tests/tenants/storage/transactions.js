import { said, saidLater } from "./said.js";

export const transactions = {
  async transaction_commits({ storage }) {
    await storage.put("k", "before");
    const value = await storage.transaction(async (txn) => {
      await txn.put("k", "inside");
      await txn.put({ a: 1, b: 2 });
      await scheduler.wait(1);
      return [await txn.get("k"), await storage.get("k"), [...(await txn.list({ prefix: "a" }))], await txn.delete("b"), String(txn)];
    });
    return [value, [...(await storage.list())]];
  },
  async transaction_throws({ storage }) {
    await storage.put("k", "before");
    const outcome = await saidLater(() => storage.transaction(async (txn) => {
      await txn.put("k", "inside");
      storage.kv.put("sync", 1);
      storage.sql.exec("CREATE TABLE t(a)");
      throw new RangeError("thrown");
    }));
    return [outcome, [...(await storage.list())], said(() => storage.sql.exec("SELECT * FROM t").toArray())];
  },
  async transaction_rolls_back({ storage }) {
    await storage.put("k", "before");
    const value = await storage.transaction(async (txn) => {
      await txn.put("k", "inside");
      txn.rollback();
      txn.rollback();
      await storage.put("afterwards", 1);
      const refusals = [];
      for (const attempt of [() => txn.get("k"), () => txn.put("k", 1), () => txn.put({ k: 1 }), () => txn.delete("k"), () => txn.list(), () => txn.getAlarm(), () => txn.setAlarm(Date.now() + 1e6), () => txn.deleteAlarm()]) refusals.push(await saidLater(attempt));
      return refusals;
    });
    return [value, [...(await storage.list())]];
  },
  async transaction_leaks({ storage }) {
    let leaked;
    await storage.transaction(async (txn) => void (leaked = txn));
    return [await saidLater(() => leaked.get("a")), await saidLater(() => leaked.put("a", 1)), said(() => leaked.rollback())];
  },
  async transaction_nested({ storage }) {
    await storage.put("n", 0);
    const seen = await storage.transaction(async (txn) => {
      await txn.put("n", 1);
      const inner = await saidLater(() => storage.transaction(async (nested) => {
        await nested.put("n", 2);
        throw new Error("inner");
      }));
      const second = await storage.transaction(async (nested) => {
        await nested.put("m", 3);
        return await storage.get("n");
      });
      return [inner, second, await txn.get("n")];
    });
    return [seen, [...(await storage.list())]];
  },
  async transaction_outer_rollback({ storage }) {
    return saidLater(() => storage.transaction(async (txn) => storage.transaction(async () => txn.rollback())));
  },
  async transaction_sync_callback({ storage }) {
    return [await storage.transaction(() => 5), await saidLater(() => storage.transaction(() => { throw new RangeError("at once"); }))];
  },
  async transaction_delete_all({ storage }) {
    await storage.put("k", 1);
    return [
      await saidLater(() => storage.transaction(async (txn) => txn.deleteAll())), await saidLater(() => storage.transaction(async () => storage.deleteAll())), await storage.get("k"),
    ];
  },
  async transaction_with_sql({ storage }) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t(a)");
    await storage.transaction(async (txn) => {
      sql.exec("INSERT INTO t VALUES (1)");
      await scheduler.wait(1);
      sql.exec("INSERT INTO t VALUES (2)");
      txn.rollback();
      sql.exec("INSERT INTO t VALUES (3)");
    });
    await storage.transaction(async () => void sql.exec("INSERT INTO t VALUES (4)"));
    return sql.exec("SELECT a FROM t").toArray();
  },
  transaction_sync({ storage }) {
    const { sql, kv } = storage;
    sql.exec("CREATE TABLE t(a)");
    const value = storage.transactionSync(() => {
      sql.exec("INSERT INTO t VALUES (1)");
      kv.put("k", 1);
      const inner = said(() => storage.transactionSync(() => {
        sql.exec("INSERT INTO t VALUES (2)");
        kv.put("k", 2);
        throw new Error("inner");
      }));
      const deeper = storage.transactionSync(() => storage.transactionSync(() => {
        sql.exec("INSERT INTO t VALUES (3)");
        return "deep";
      }));
      return [inner, deeper, kv.get("k")];
    });
    const failed = said(() => storage.transactionSync(() => {
      sql.exec("CREATE TABLE gone(a)");
      kv.put("k", 5);
      sql.exec("SELECT * FROM misspelled");
    }));
    return [value, failed, sql.exec("SELECT a FROM t").toArray(), kv.get("k"), said(() => sql.exec("SELECT * FROM gone").toArray())];
  },
  async transaction_sync_promise({ storage }) {
    const promise = storage.transactionSync(async () => {
      storage.kv.put("k", 1);
      return "later";
    });
    return [promise instanceof Promise, await promise, storage.kv.get("k")];
  },
  transaction_sync_first_entry({ storage }) {
    const failed = said(() => storage.transactionSync(() => {
      storage.kv.put("k", 1);
      throw new Error("first");
    }));
    storage.kv.put("k", 2);
    return [failed, storage.kv.get("k"), [...storage.kv.list()]];
  },
  transaction_sync_cursor({ storage }) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT a FROM t");
    const seen = [cursor.next().value.a];
    said(() => storage.transactionSync(() => {
      sql.exec("INSERT INTO t VALUES (4)");
      throw new Error("x");
    }));
    for (const { a } of cursor) seen.push(a);
    return seen;
  },
  async writes_of_a_turn({ storage }) {
    storage.put("a", 1);
    storage.put("b", 2);
    storage.sql.exec("CREATE TABLE t(a)");
    const size = (await storage.list()).size;
    await storage.sync();
    return [size, (await storage.list()).size];
  },
};
