import { saidLater } from "./said.js";

const later = () => Date.now() + 1e6;

/** The alarm's handler has run, as `handler` says; what it said. */
function ring(object, handler) {
  return new Promise((resolve, reject) => {
    object.onAlarm = async (info) => {
      try {
        resolve(await handler(info));
      } catch (error) {
        reject(error);
      }
    };
  });
}

export const alarms = {
  async alarm_times({ storage }) {
    const all = [];
    for (const time of [0, -5, NaN, undefined, "x", "5", null, Infinity, 8.7e15, 2 ** 63 / 1e6, new Date(NaN), new Date(0), {}, 5n]) all.push(await saidLater(() => storage.setAlarm(time)));
    all.push(await saidLater(() => storage.setAlarm()));
    const due = later();
    await storage.setAlarm(new Date(due));
    all.push((await storage.getAlarm()) - due);
    await storage.setAlarm(due + 0.7);
    all.push((await storage.getAlarm()) - due);
    await storage.setAlarm(due + 5, {});
    all.push((await storage.getAlarm({})) - due, await storage.deleteAlarm(), await storage.getAlarm(), await storage.deleteAlarm({}));
    return all;
  },
  async alarm_in_the_past_is_now({ storage }) {
    const before = Date.now();
    let set;
    await storage.transaction(async (txn) => {
      await txn.setAlarm(5);
      set = await txn.getAlarm();
      txn.rollback();
    });
    return [set >= before, await storage.getAlarm()];
  },
  async alarm_in_transactions({ storage }) {
    const due = later();
    await storage.setAlarm(due);
    await storage.transaction(async (txn) => {
      await txn.setAlarm(due + 1000);
      txn.rollback();
    });
    const kept = (await storage.getAlarm()) - due;
    await storage.transaction(async (txn) => txn.deleteAlarm());
    const gone = await storage.getAlarm();
    await saidLater(() => storage.transactionSync(() => {
      storage.setAlarm(due);
      throw new Error("x");
    }));
    return [kept, gone, await storage.getAlarm()];
  },
  async alarm_and_delete_all({ storage }) {
    const due = later();
    await storage.put("k", 1);
    await storage.setAlarm(due);
    await storage.deleteAll();
    return [(await storage.getAlarm()) === due, [...(await storage.list())]];
  },
  async alarm_rings(object) {
    const { storage } = object;
    const due = Date.now() + 20;
    const rung = ring(object, async (info) => ({
      info: [info.retryCount, info.isRetry, info.scheduledTime === due], keys: Object.keys(info).sort(), during: await storage.getAlarm(), onTime: Date.now() >= due,
    }));
    await storage.setAlarm(due);
    const seen = await rung;
    await scheduler.wait(1);
    return [seen, await storage.getAlarm()];
  },
  async alarm_sets_the_next(object) {
    const { storage } = object;
    const times = [];
    const done = new Promise((resolve) => {
      object.onAlarm = async () => {
        times.push(await storage.getAlarm());
        if (times.length === 3) return resolve();
        await storage.setAlarm(Date.now() + 5);
        times.push(typeof (await storage.getAlarm()));
      };
    });
    await storage.setAlarm(Date.now() + 5);
    await done;
    return times;
  },
  async alarm_deletes_itself(object) {
    const { storage } = object;
    const rung = ring(object, async () => {
      await storage.deleteAlarm();
      return await storage.getAlarm();
    });
    await storage.setAlarm(Date.now() + 5);
    return [await rung, await storage.getAlarm()];
  },
  async alarm_writes(object) {
    const { storage } = object;
    const rung = ring(object, async () => {
      await storage.put("from the alarm", 1);
      storage.sql.exec("CREATE TABLE t(a)");
      return "written";
    });
    await storage.setAlarm(1);
    return [await rung, await storage.get("from the alarm"), storage.sql.exec("SELECT count(*) AS n FROM t").one()];
  },
  async alarm_deleted_in_time(object) {
    const { storage } = object;
    let rung = 0;
    object.onAlarm = () => void ++rung;
    await storage.setAlarm(Date.now() + 30);
    await storage.deleteAlarm();
    const other = ring(object, () => "other");
    await storage.setAlarm(Date.now() + 60);
    return [await other, rung];
  },
};
