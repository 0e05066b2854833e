// examples/rate-limiter: no key ever gets more than its limit, whatever the load.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { root, Session, temporaryFolder } from "./selvage.mjs";

const capacity = 10; // as in its wrangler.toml
const perSecond = 2;

/** When a bucket is full at `from`, it has given at most so many tokens by `until` (milliseconds). */
const mostBetween = (from, until) => capacity + ((until - from) / 1000) * perSecond;

/** `grants`: for each key, [when it was asked for, when it was answered] of what was let through. */
function overLimit(grants) {
  const bad = [];
  for (const [key, times] of grants) {
    // A grant was made after it was asked for and before it was answered: in any stretch of the list
    // the earliest asking and the latest answer are the widest time that they can be spread over.
    for (let first = 0; first < times.length; ++first) {
      let [from, until] = [Infinity, 0];
      for (let last = first; last < times.length; ++last) {
        from = Math.min(from, times[last][0]);
        until = Math.max(until, times[last][1]);
        const count = last - first + 1;
        if (count > Math.floor(mostBetween(from, until))) bad.push({ key, count, milliseconds: until - from });
      }
    }
  }
  return bad;
}

test("the check itself knows too much when it sees it", () => {
  const grants = (count, end) => new Map([["k", Array.from({ length: count }, () => [0, end])]]);
  assert.deepEqual(overLimit(grants(10, 100)), []);
  assert.equal(overLimit(grants(11, 100)).length, 1);
  assert.deepEqual(overLimit(grants(12, 1000)), []);
});

test("thousands of requests with many keys at once", async (t) => {
  const data = temporaryFolder(t);
  const start = () => new Session(t, ["serve", join(root, "examples/rate-limiter"), "--port", "0", "--data", data, "--threads", "2"]).ready();
  let session = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  t.after(() => agent.destroy());
  const ask = (key) =>
    new Promise((resolve, reject) => {
      const options = { port: session.port, host: "127.0.0.1", agent, headers: { "X-Api-Key": key } };
      request(options, (response) => response.resume().on("end", () => resolve(response))).on("error", reject).end();
    });

  const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
  const grants = new Map(keys.map((key) => [key, []]));
  const refused = new Map(keys.map((key) => [key, 0]));
  const load = async (count) => {
    let next = 0;
    const client = async () => {
      while (next < count) {
        const key = keys[next++ % keys.length];
        const asked = Date.now();
        const { statusCode, headers } = await ask(key);
        if (statusCode === 200) {
          grants.get(key).push([asked, Date.now()]);
        } else {
          assert.equal(statusCode, 429);
          assert.ok(Number(headers["retry-after"]) >= 1 || Number(headers["retry-after"]) === 0);
          refused.set(key, refused.get(key) + 1);
        }
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
  };

  await load(3000);
  // Killed and started again, it has forgotten nothing of what it let through.
  session.child.kill("SIGKILL");
  await session.exited;
  session = await start();
  await load(1000);

  for (const key of keys) {
    assert.ok(grants.get(key).length >= capacity, `${key} got ${grants.get(key).length}`);
    assert.ok(refused.get(key) > 0, `${key} was refused nothing`);
  }
  assert.deepEqual(overLimit(grants), []);
});
