// What Durable Objects leave in memory: many that were touched once and then left alone, and many that
// hibernate, each with a WebSocket that stays open.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { get } from "../loads/single_request.mjs";
import { load_core, pinned } from "../measure/pinning.mjs";
import { bench } from "../paths.mjs";
import { single } from "../servers/deployment.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";
import { at_most } from "./targets.mjs";

const mib = 2 ** 20;
const at_once = 32;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks /kind/count/i for every i below `end`, a few at a time. */
async function touch_all(target, kind, count, begin, end) {
  let next = begin;
  const one_by_one = async () => {
    while (next < end) await get(target, `/${kind}/${count}/${next++}`);
  };
  await Promise.all(Array.from({ length: at_once }, one_by_one));
}

/**
 * Resident bytes once they have not fallen for `still_s` seconds, `most_s` at the most. Objects go to
 * sleep after ten seconds on both servers; freed memory goes back to the system a little later.
 */
async function settled_memory(server, still_s, most_s) {
  let least = server.memory();
  let since = performance.now();
  const end = since + most_s * 1000;
  while (performance.now() - since < still_s * 1000 && performance.now() < end) {
    await pause(1000);
    const now = server.memory();
    if (now < least * 0.99) {
      least = now;
      since = performance.now();
    }
  }
  return server.memory();
}

const touched = single("objects-idle", "objects", { objects: { MEMORY: "MemoryCounter", STORED: "StoredCounter", SQL: "SqlCounter", READ: "StoredReader" } });

const idle = (name, title, kind) => ({
  name,
  title,
  unit: "memory",
  main_figure: "after_mib",
  peers: ["selvage", "workerd"],
  targets: [at_most("at most 120 % of before", "after_mib", 1.2, { of: "before_mib" })],
  measure: (peer, { objects }) =>
    with_server(
      () => servers[peer].start(touched),
      async (server) => {
        const target = server.target(touched.workers[0].name);
        // What any use brings with it, compiled code and the client's connections, is there before.
        await touch_all(target, kind, objects, 0, 1000);
        const before = await settled_memory(server, 12, 40);
        await touch_all(target, kind, objects, 1000, objects);
        const most = server.memory();
        const after = await settled_memory(server, 15, 90);
        return { objects, before_mib: before / mib, most_mib: most / mib, after_mib: after / mib };
      },
    ),
});

const holders = single("hibernating", "hibernating_sockets", { objects: { HOLDERS: "Holder" } });

/** Sockets on a process of their own: { echo(), close() }. */
async function many_sockets({ url, host }, count) {
  const [program, ...args] = pinned(load_core, [process.execPath, join(bench, "loads/many_sockets.mjs"), url, host, String(count)]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (word) => {
    const { value } = await said.next();
    if (value !== word) throw new Error(`the sockets' client ended before it said "${word}"`);
  };
  await next("open");
  return {
    echo: () => {
      child.stdin.write("\n");
      return next("echoed");
    },
    close: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

const hibernating = {
  name: "object-hibernating",
  title: "A hibernating object with one open WebSocket",
  unit: "memory",
  main_figure: "object_kib",
  peers: ["selvage", "workerd"],
  targets: [at_most("under 20 KiB", "object_kib", 20)],
  measure: (peer, { sockets: count }) =>
    with_server(
      () => servers[peer].start(holders),
      async (server) => {
        const target = server.target(holders.workers[0].name);
        const first = await many_sockets(target, 100);
        await first.echo();
        await first.close();
        const before = await settled_memory(server, 12, 40);
        const sockets = await many_sockets(target, count);
        await sockets.echo();
        const open = server.memory();
        const asleep = await settled_memory(server, 15, 60);
        await sockets.echo(); // they are all still there
        await sockets.close();
        const each = (bytes) => (bytes - before) / count / 1024;
        return { sockets: count, before_mib: before / mib, open_kib: each(open), object_kib: each(asleep) };
      },
    ),
};

export const object_memory = [
  idle("object-idle", "Memory after many objects were touched once, then idle", "memory"),
  idle("object-idle-stored", "Memory after many objects were written once, then idle", "stored"),
  hibernating,
];
