// Requests that nothing can answer any more are ended; those that still wait for something are not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, serve } from "../support/selvage.mjs";

const source = `
let resolveLater;
export class Silent {
  fetch() { return new Promise(() => {}); }
}
const paths = {
  "/never": () => new Promise(() => {}),
  "/object": (env) => env.SILENT.get(env.SILENT.idFromName("one")).fetch("http://object/"),
  "/timer": () => new Promise((resolve) => setTimeout(() => resolve(new Response("after a timer")), 20)),
  "/waits": () => new Promise((resolve) => { resolveLater = resolve; setTimeout(() => {}, 60_000); }),
  "/helps": () => { resolveLater(new Response("from another request")); return new Response("helped"); },
};
export default { fetch: (request, env) => paths[new URL(request.url).pathname](env) };`;
const config = '[[durable_objects.bindings]]\nname = "SILENT"\nclass_name = "Silent"\n';

describe("a request that waits", () => {
  for (const threads of ["1", "2"]) {
    test(`for what nothing can settle is an error (${threads} threads)`, async (t) => {
      const session = await serve(t, project(t, { source, config }), "--threads", threads);
      for (const path of ["/never", "/object"]) {
        const logged = session.waitFor(/would never answer/);
        assert.equal((await ask(session.port, path)).status, 500, path);
        await logged;
      }
    });
  }

  test("for a timer, or for another request, is answered", async (t) => {
    const session = await serve(t, project(t, { source, config }), "--threads", "1");
    assert.equal((await ask(session.port, "/timer")).text, "after a timer");
    const waiting = ask(session.port, "/waits");
    // Asked until the other has set its resolver: the first may come before it.
    for (let status = 500; status !== 200; ) ({ status } = await ask(session.port, "/helps"));
    assert.equal((await waiting).text, "from another request");
  });
});
