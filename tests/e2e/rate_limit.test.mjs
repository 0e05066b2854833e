// Rate limiting bindings, as miniflare has them.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { ask } from "../support/requests.mjs";
import { lifetime, project, serve } from "../support/selvage.mjs";

const limit = { timeout: 30_000 };

/** A GET takes one for its path; a POST calls limit() with what it brings. */
const source = `const attempt = async (work) => { try { return await work(); } catch (error) { return [error.name, error.message]; } };
export default {
  async fetch(request, env) {
    const options = request.method === "POST" ? (await request.json()).options : { key: new URL(request.url).pathname };
    return Response.json(await attempt(() => env.LIMITER.limit(options)));
  },
};
`;

const wrong = [
  {}, { options: null }, { options: "key" }, { options: {} }, { options: { key: 1 } }, { options: { key: "a", window: 1, more: 2 } },
  { options: { key: "a", limit: "1" } }, { options: { key: "a", period: 30 } }, { options: { key: "a", period: "10" } },
];

/** What `ask` is told, as text. */
async function takes(ask) {
  for (let attempt = 0; ; ++attempt) {
    const window = Math.floor(Date.now() / 60_000);
    const answers = [];
    for (const path of ["/a", "/a", "/b", "/a", "/a", "/b"]) answers.push(await ask(`${path}${attempt}`));
    // Over the end of a minute each has its limit anew.
    if (Math.floor(Date.now() / 60_000) === window) return answers;
  }
}

describe("rate limits", () => {
  const suite = lifetime();
  let ours, theirs;
  before(async () => {
    const config = '[[ratelimits]]\nname = "LIMITER"\nnamespace_id = "1001"\nsimple = { limit = 2, period = 60 }\n';
    const session = await serve(suite, project(suite, { source, config }), "--threads", "2");
    ours = async (path, body) => JSON.parse((await ask(session.port, path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })).text);
    const miniflare = new Miniflare({
      modules: true, script: source, compatibilityDate: "2026-01-01",
      ratelimits: { LIMITER: { namespace_id: "1001", simple: { limit: 2, period: 60 } } },
    });
    suite.after(() => miniflare.dispose());
    await miniflare.ready;
    theirs = async (path, body) => (await miniflare.dispatchFetch(`http://localhost${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })).json();
  });

  test("each key has its limit, on every thread", limit, async () => {
    const answers = await takes(ours);
    assert.deepEqual(answers.map(({ success }) => success), [true, true, true, false, false, true]);
    assert.deepEqual(await takes(theirs), answers);
  });

  test("what cannot be a limit is refused as miniflare does", limit, async () => {
    for (const body of wrong) assert.deepEqual(await ours("/", body), await theirs("/", body), JSON.stringify(body));
  });
});
