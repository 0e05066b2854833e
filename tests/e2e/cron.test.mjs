// Cron triggers: by themselves under `selvage serve`, by hand under `selvage dev`.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project, run, serve, Session, temporaryFolder, until } from "../support/selvage.mjs";

const limit = { timeout: 90_000 };
const minute = 60_000;

const source = `
let runs = [];
export default {
  fetch: () => Response.json(runs),
  async scheduled(event, env, ctx) {
    runs.push([event.cron, event.scheduledTime, event.type]);
    if (event.cron === "spin") for (;;) {}
    if (event.cron === "slow") await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};`;
const triggers = (...crons) => `[triggers]\ncrons = ${JSON.stringify(crons)}\n`;

/** A data folder whose last engine has looked at triggers when these entries say. */
function leftBehind(t, entries) {
  const data = temporaryFolder(t);
  mkdirSync(join(data, "state"), { recursive: true });
  writeFileSync(join(data, "state/crons.json"), JSON.stringify(entries));
  return data;
}

test("a cron that came due while nothing ran is run when it is less than a minute late, and what is older is told of", limit, async (t) => {
  const looked = Date.now() - 10 * minute;
  const data = leftBehind(t, [["w", "* * * * *", looked]]);
  const started = Date.now();
  const session = await serve(t, project(t, { source, config: triggers("* * * * *") }), "--data", data, "--threads", "1");
  session.read = 0; // it may have been said before the session was ready
  const [, times] = await session.waitFor(/warn w: the cron "\* \* \* \* \*" was missed (\d+) times, the last at 20\d\d-\d\d-\d\dT\d\d:\d\dZ: Selvage was not running/);
  assert.ok(Number(times) >= 8 && Number(times) <= 11, times);
  let runs;
  await until(async () => (runs = JSON.parse(await session.get())).length > 0, "the cron ran");
  const [cron, scheduledTime, type] = runs[0];
  assert.deepEqual([cron, type], ["* * * * *", "scheduled"]);
  assert.equal(scheduledTime % minute, 0);
  assert.ok(scheduledTime <= Date.now() && scheduledTime > started - 2 * minute);

  // What ran is not run again by the next engine.
  await session.killEngine();
  const [[, , after]] = JSON.parse(readFileSync(join(data, "state/crons.json"), "utf8"));
  const again = JSON.parse(await session.get());
  assert.ok(again.every(([, time]) => time > scheduledTime), JSON.stringify(again));
  assert.ok(after >= scheduledTime);
});

test("a cron that did not exist before has missed nothing", limit, async (t) => {
  const data = leftBehind(t, [["w", "0 0 1 1 *", Date.now() - 10 * minute]]);
  const session = await serve(t, project(t, { source, config: triggers("* * * * *", "0 0 1 1 *") }), "--data", data, "--threads", "1");
  assert.deepEqual(JSON.parse(await session.get()).filter(([, time]) => time < Date.now() - minute), []);
  assert.doesNotMatch(session.output, /was missed/);
});

test("limits of crons are settings: a run is ended at its CPU and wall time limits", limit, async (t) => {
  const settings = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(settings, "[limits.cron]\ncpu_ms = 100\nwall_ms = 1000\n");
  const dev = await new Session(t, ["dev", project(t, { source }), "--port", "0", "--data", temporaryFolder(t), "--settings", settings]).ready();
  const ask = async (path) => {
    const response = await fetch(dev.url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask("/cdn-cgi/local/scheduled?cron=spin"), [500, "exceededCpu"]);
  await dev.waitFor(/exceeded its CPU time limit of 100 ms/);
  assert.deepEqual(await ask("/cdn-cgi/local/scheduled?cron=slow"), [500, "exceededCpu"]);
  await dev.waitFor(/exceeded its wall time limit of 1000 ms/);

  assert.deepEqual(await ask("/cdn-cgi/local/scheduled?cron=a&time=soon"), [400, '"time" is not a whole number of milliseconds since 1970: soon\n']);
  assert.deepEqual(await ask("/__scheduled?cron=0+*+*+*+*&time=5"), [200, "Ran scheduled event"]);
  assert.deepEqual(await ask("/cdn-cgi/handler/scheduled?cron=b&time=6&format=json"), [200, '{"outcome":"ok","noRetry":false}']);
  const runs = JSON.parse(await dev.get());
  assert.deepEqual(runs.slice(-2), [["0 * * * *", 5, "scheduled"], ["b", 6, "scheduled"]]);
  assert.match(dev.output, /scheduled 0 \* \* \* \* 200 OK/);
});

test("serve gives these paths to the worker", limit, async (t) => {
  const session = await serve(t, project(t, { source }));
  assert.equal(await session.get("/cdn-cgi/handler/scheduled?cron=a"), "[]");
});

test("a cron that cannot be read is refused with its line and the reason", (t) => {
  const folder = project(t, { source, config: triggers("0 0 * * 0") });
  const { status, stderr } = run(["serve", folder, "--port", "0", "--data", temporaryFolder(t)]);
  assert.equal(status, 1);
  assert.match(stderr, /wrangler\.toml:5: error: "triggers\.crons": the weekday "0" has a 0: Sunday is 1 here, and Saturday 7/);
});
