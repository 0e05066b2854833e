// What becomes of requests at a Durable Object whose code is replaced meanwhile.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { project, Session, temporaryFolder } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };

/** The object holds its requests until /go tells the worker, which no version of it forgets. */
const source = (version) => `import { DurableObject } from "cloudflare:workers";
const told = (env, what) => env.TOLD.put(what, "yes");
const heard = async (env, what) => { while (await env.TOLD.get(what) === null) await scheduler.wait(50); };
const attempt = async (work) => { try { return await work(); } catch (error) { return String(error); } };
export class Holder extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/version") return new Response("${version}");
    const stored = pathname === "/store";
    await told(this.env, "inside" + pathname);
    await heard(this.env, "go");
    if (stored) return new Response(await attempt(async () => { await this.ctx.storage.put("key", 1); return "stored"; }));
    return new Response("finished by ${version}");
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/go") return told(env, "go").then(() => new Response("told"));
    if (pathname === "/inside") return new Response(String(await env.TOLD.get("inside/hold") !== null && await env.TOLD.get("inside/store") !== null));
    const stub = env.HOLDER.getByName("one");
    return new Response(await attempt(async () => (await stub.fetch(request)).text()));
  },
};
`;

async function replaced(t, settings) {
  const folder = project(t, {
    source: source("one"),
    config: `[[kv_namespaces]]\nbinding = "TOLD"\nid = "told"\n[[durable_objects.bindings]]\nname = "HOLDER"\nclass_name = "Holder"\n`,
  });
  const file = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(file, settings);
  const session = await new Session(t, ["dev", "--port", "0", "--settings", file], { cwd: folder }).ready();
  const held = ["/hold", "/store"].map((path) => ask(session.port, path));
  while ((await ask(session.port, "/inside")).text !== "true") await new Promise((resolve) => setTimeout(resolve, 5));
  writeFileSync(join(folder, "index.js"), source("two"));
  await session.waitFor(/Reloaded in \d+ ms/);
  assert.equal((await ask(session.port, "/version")).text, "two", "a new request is the new code's");
  return { session, held };
}

test("a request that was there goes on, and what it stores is refused", limit, async (t) => {
  const { session, held } = await replaced(t, "");
  await ask(session.port, "/go");
  const [hold, store] = (await Promise.all(held)).map(({ text }) => text);
  assert.equal(hold, "finished by one");
  assert.match(store, /Durable Object reset because its code was updated\./);
});

test("after the grace it ends with an error that says why", limit, async (t) => {
  const { held } = await replaced(t, "[limits.time]\ncode_update_grace_ms = 50\n");
  for (const { text } of await Promise.all(held)) {
    assert.match(text, /Durable Object reset because its code was updated\./);
  }
});
