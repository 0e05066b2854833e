import { attempt } from "./attempt.js";

export default {
  "a method": (env) => env.ROOM.getByName("method").add(2),
  "state stays": async (env) => {
    const room = env.ROOM.getByName("state");
    await room.add(1);
    await room.add(10);
    return [await room.count, await env.ROOM.getByName("state").count];
  },
  "a getter": (env) => env.ROOM.getByName("getter").count,
  "own fields are not reachable": (env) => env.ROOM.getByName("fields").field,
  "a missing method": (env) => env.ROOM.getByName("missing").missing(),
  "alarm is reserved": (env) => env.ROOM.getByName("alarm").alarm(),
  "id and name are the stub's": async (env) => {
    const room = env.ROOM.getByName("named");
    const [id, name] = await room.id.toString() === undefined ? [] : [room.id.toString(), room.name];
    return [id.length, name];
  },
  "calls and fetches stay in order": async (env) => {
    const room = env.ROOM.getByName("order");
    await Promise.all([
      room.note("one"), room.fetch("http://x/two"), room.note("three"), room.fetch("http://x/four"), room.note("five"),
    ]);
    return await room.notes();
  },
  "many calls stay in order": async (env) => {
    const room = env.ROOM.getByName("many");
    const results = await Promise.all(Array.from({ length: 50 }, () => room.add(1)));
    return results.every((value, index) => value === index + 1);
  },
  "storage": async (env) => {
    const room = env.ROOM.getByName("storage");
    await room.put("key", { a: new Map([[1, 2]]) });
    return [...(await room.read("key")).a];
  },
  "a target of an object": async (env) => {
    const counter = await env.ROOM.getByName("target").counter();
    return [await counter.add(1), await counter.add(1)];
  },
  "a target of an object, pipelined": (env) => env.ROOM.getByName("target").counter().add(5),
  "a callback after a write": async (env) => await env.ROOM.getByName("gate").putAndCall((text) => `heard ${text}`),
  "a callback within blockConcurrencyWhile": (env) => env.ROOM.getByName("block").callInBlock((n) => n + 1),
  "a callback that is kept": async (env) => {
    const room = env.ROOM.getByName("kept");
    const kept = await room.keep((value) => `kept ${value}`);
    return [kept, await room.callKept(1), await room.callKept(2)];
  },
  "an object of the same worker": (env) => env.HERE.getByName("here").add(4),
  "a callback to the same worker": (env) => env.HERE.getByName("here").call((value) => value * 2, 4),
  "abort": async (env) => {
    const room = env.ROOM.getByName("abort");
    return [await attempt(() => room.abort("the reason")), await attempt(() => room.add(1))];
  },
  "abort breaks what is under way": async (env) => {
    const room = env.ROOM.getByName("abort-in-flight");
    const tester = await room.tester();
    const hang = tester.hang();
    const pong = await tester.ping();
    const abort = tester.abort();
    return [pong, await attempt(() => abort), await attempt(() => hang), await attempt(() => tester.ping())];
  },
  "a failed block breaks calls": async (env) => {
    const room = env.ROOM.getByName("failed-block");
    const hang = room.hang();
    return [await attempt(() => room.failBlock("the block failed")), await attempt(() => hang)];
  },
  "a new stub after a reset": async (env) => {
    const room = env.ROOM.getByName("again");
    await room.add(5);
    await attempt(() => room.abort("again"));
    return await env.ROOM.getByName("again").add(1);
  },
};
