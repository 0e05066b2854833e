// RPC where something goes wrong on the other side, and over many calls. What calls give is compared
// with workerd in tests/differential/rpc.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, residentMiB, serve } from "../support/selvage.mjs";

const binding = '[[services]]\nbinding = "BACK"\nservice = "back"\n';

/** A front worker bound to a back worker; `front` is the body of its fetch handler. */
async function pair(t, front, back, { backConfig = "", threads = 1, config = "" } = {}) {
  const source = `import { DurableObject, RpcStub, RpcTarget } from "cloudflare:workers";
    async function attempt(run) {
      try { return await run(); } catch (error) { return error.name + ": " + error.message; }
    }
    export default { async fetch(request, env, ctx) {
      const path = new URL(request.url).pathname;
      ${front}
    } };`;
  const folders = [
    project(t, { name: "front", source, config: binding + config }),
    project(t, {
      name: "back",
      source: `import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";\n${back}`,
      config: backConfig,
    }),
  ];
  const session = await serve(t, folders, "--threads", String(threads));
  const get = async (path = "/") => (await ask(session.port, path, { host: "front.localhost" })).text;
  return { session, get };
}

test("a callee that loops for ever costs its caller an error that names the limit", async (t) => {
  const { get } = await pair(
    t,
    `const stuck = await attempt(() => env.BACK.loop());
     return new Response(stuck + " | " + await env.BACK.fine());`,
    `export default class extends WorkerEntrypoint {
       loop() { for (;;); }
       fine() { return "fine"; }
     }`,
    { backConfig: "[limits]\ncpu_ms = 200\n" },
  );
  assert.match(await get(), /^Error: .*CPU time limit of 200 ms.* \| fine$/);
});

test("a stub breaks when its callee's invocation is ended", async (t) => {
  const { get } = await pair(
    t,
    `const target = await env.BACK.target();
     const before = await target.hello();
     const stuck = attempt(() => target.loop());
     return new Response([before, await stuck, await attempt(() => target.hello())].join(" | "));`,
    `class Target extends RpcTarget {
       hello() { return "hello"; }
       loop() { for (;;); }
     }
     export default class extends WorkerEntrypoint {
       target() { return new Target(); }
     }`,
    { backConfig: "[limits]\ncpu_ms = 200\n" },
  );
  const [before, stuck, after] = (await get()).split(" | ");
  assert.equal(before, "hello");
  assert.match(stuck, /CPU time limit/);
  assert.match(after, /no longer running/);
});

test("a worker that is not there is an error that names it", async (t) => {
  const folder = project(t, {
    name: "front",
    source: `export default { async fetch(request, env) {
      try { return new Response(await env.NOBODY.method()); } catch (error) { return new Response(error.message); }
    } };`,
    config: '[[services]]\nbinding = "NOBODY"\nservice = "nobody"\n',
  });
  const session = await serve(t, [folder], "--threads", "1");
  const { text } = await ask(session.port, "/", { host: "front.localhost" });
  assert.match(text, /no worker named "nobody"/);
});

test("an entrypoint that is not there is an error that names it", async (t) => {
  const { get } = await pair(
    t,
    "return new Response(await attempt(() => env.OTHER.method()));",
    "export default { fetch: () => new Response() };",
    { config: '[[services]]\nbinding = "OTHER"\nservice = "back"\nentrypoint = "Other"\n' },
  );
  assert.match(await get(), /no entrypoint named "Other"/);
});

test("calls print nothing", async (t) => {
  const { session, get } = await pair(
    t,
    "return new Response(String(await env.BACK.one()));",
    "export default class extends WorkerEntrypoint { one() { return 1; } }",
  );
  const before = session.output;
  assert.equal(await get(), "1");
  assert.equal(session.output.slice(before.length).includes("RPC"), false);
});

test("calls of many invocations do not mix, on two threads", async (t) => {
  const { get } = await pair(
    t,
    `const room = env.ROOM.getByName(path.slice(1));
     const mine = [];
     await Promise.all(Array.from({ length: 20 }, (_, i) => room.call((value) => mine.push(value), i)));
     return new Response(mine.join());`,
    `export class Room extends DurableObject {
       async call(callback, value) { await callback(value); }
     }
     export default { fetch: () => new Response() };`,
    {
      threads: 2,
      config: '[[durable_objects.bindings]]\nname = "ROOM"\nclass_name = "Room"\nscript_name = "back"\n',
    },
  );
  const expected = Array.from({ length: 20 }, (_, i) => i).join();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => get(`/room-${i % 7}`)));
  for (const answer of answers) assert.equal(answer, expected);
});

test("stubs that nobody disposed of go with their invocation", async (t) => {
  const { session, get } = await pair(
    t,
    `for (let i = 0; i < 500; i++) {
       const target = await env.BACK.target();
       await target.hello();
     }
     return new Response("done");`,
    `class Target extends RpcTarget {
       ballast = new Uint8Array(10_000);
       hello() { return "hello"; }
     }
     export default class extends WorkerEntrypoint {
       target() { return new Target(); }
     }`,
  );
  for (let i = 0; i < 3; i++) assert.equal(await get(), "done");
  const engine = session.engine();
  const before = residentMiB(engine);
  for (let i = 0; i < 20; i++) assert.equal(await get(), "done");
  // All of it would be 100 MB, and more than the isolate may have.
  assert.ok(residentMiB(engine) - before < 60, `${residentMiB(engine)} MiB after ${before} MiB`);
});

test("an object that is reset breaks the stubs that it gave, and another instance answers", async (t) => {
  const { get } = await pair(
    t,
    `const room = env.ROOM.getByName("a");
     const target = await room.target();
     const before = await target.hello();
     const broken = await attempt(() => room.abort());
     return new Response([before, broken, await attempt(() => target.hello()), await env.ROOM.getByName("a").hello()].join(" | "));`,
    `class Target extends RpcTarget { hello() { return "hello"; } }
     export class Room extends DurableObject {
       target() { return new Target(); }
       hello() { return "again"; }
       abort() { this.ctx.abort("enough"); }
     }
     export default { fetch: () => new Response() };`,
    {
      threads: 2,
      config: '[[durable_objects.bindings]]\nname = "ROOM"\nclass_name = "Room"\nscript_name = "back"\n',
    },
  );
  const [before, broken, after, again] = (await get()).split(" | ");
  assert.equal(before, "hello");
  assert.equal(broken, "Error: enough");
  assert.match(after, /^Error: /);
  assert.equal(again, "again");
});
