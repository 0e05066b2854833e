// Workers that call each other.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, root, serve } from "../support/selvage.mjs";

test("examples/service-bindings: the shop asks the greeter", async (t) => {
  const projects = ["shop", "greeter"].map((name) => join(root, "examples/service-bindings", name));
  const session = await serve(t, projects, "--threads", "2");
  const get = async (name, path) => (await ask(session.port, path, { host: `${name}.localhost:${session.port}` })).text;
  assert.equal(await get("shop", "/?name=Ada"), "Shop: Good day, Ada");
  assert.equal(await get("greeter", "/"), "Good day, stranger");
  const { status, text } = await ask(session.port, "/", { host: "nobody.localhost" });
  assert.equal(status, 404);
  assert.match(text, /There is no worker at this host/);
});

/** A front worker with a service binding, and a back worker with this source. */
async function pair(t, front, back, backConfig = "") {
  const folders = [
    project(t, { name: "front", source: front, config: '[[services]]\nbinding = "BACK"\nservice = "back"\n' }),
    project(t, { name: "back", source: back, config: backConfig }),
  ];
  const session = await serve(t, folders, "--threads", "1");
  return (path, options) => ask(session.port, path, { host: "front.localhost", ...options });
}

const passing = "export default { fetch: (request, env) => env.BACK.fetch(request) };";

test("method, fields and bodies arrive, and come back", async (t) => {
  const get = await pair(t, passing, `export default { async fetch(request) {
    const text = await request.text();
    return new Response(request.method + " " + request.url + " " + text.length + " " + request.headers.get("x-mine"),
      { status: 202, headers: { "X-Yours": "yes" } });
  } };`);
  const answer = await get("/path?q=1", { method: "PUT", body: "x".repeat(1_000_000), headers: { "X-Mine": "yes" } });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers["x-yours"], "yes");
  assert.equal(answer.text, "PUT http://front.localhost/path?q=1 1000000 yes");
});

test("streams go through as they come", async (t) => {
  const get = await pair(t, passing, "export default { fetch: (request) => new Response(request.body) };");
  const body = "0123456789".repeat(500_000);
  assert.ok((await get("/", { method: "POST", body })).text === body);
});

test("an exception in the callee is one in the caller", async (t) => {
  const get = await pair(
    t,
    `export default { async fetch(request, env) {
      try { return await env.BACK.fetch(request); } catch (error) { return new Response("caught " + error.message); }
    } };`,
    'export default { fetch() { throw new Error("from the back"); } };',
  );
  const answer = await get("/");
  assert.equal(answer.text, "caught from the back");
});

test("a callee that loops for ever costs its caller nothing but the answer", async (t) => {
  const get = await pair(
    t,
    `export default { async fetch(request, env) {
      if (request.url.endsWith("/self")) return new Response("myself");
      try { return await env.BACK.fetch(request); } catch (error) { return new Response("caught " + error.message); }
    } };`,
    "export default { fetch() { for (;;); } };",
    "[limits]\ncpu_ms = 200\n",
  );
  const looping = get("/");
  assert.equal((await get("/self")).text, "myself");
  const { status, text } = await looping;
  assert.match(`${status} ${text}`, /CPU time limit/);
});

test("a worker that is not there is an error that names it", async (t) => {
  const folder = project(t, {
    name: "front",
    source: `export default { async fetch(request, env) {
      try { return await env.GONE.fetch(request); } catch (error) { return new Response("caught " + error.message); }
    } };`,
    config: '[[services]]\nbinding = "GONE"\nservice = "gone"\n',
  });
  const session = await serve(t, folder, "--threads", "1");
  assert.match(await session.get("/"), /caught .*"?gone"?/);
  assert.match(session.output, /binds GONE to the worker gone, which is not one of those that run here/);
});

test("named entrypoints, and workers that call themselves", async (t) => {
  const folder = project(t, {
    name: "self",
    source: `import { WorkerEntrypoint } from "cloudflare:workers";
      export class Admin extends WorkerEntrypoint {
        async fetch(request) { return new Response("admin " + new URL(request.url).pathname + " " + this.env.NAME); }
      }
      export default { async fetch(request, env) {
        const url = new URL(request.url);
        if (url.pathname === "/deep") {
          const n = Number(url.searchParams.get("n"));
          if (n === 0) return new Response("bottom");
          return env.SELF.fetch("http://self/deep?n=" + (n - 1));
        }
        return env.ADMIN.fetch(request);
      } };`,
    config: `[vars]\nNAME = "Ada"\n
      [[services]]\nbinding = "ADMIN"\nservice = "self"\nentrypoint = "Admin"\n
      [[services]]\nbinding = "SELF"\nservice = "self"\n`,
  });
  const session = await serve(t, folder, "--threads", "1");
  assert.equal(await session.get("/x"), "admin /x Ada");
  assert.equal(await session.get("/deep?n=10"), "bottom");
});
