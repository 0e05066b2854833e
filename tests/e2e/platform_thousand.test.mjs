// A platform with a thousand workers: what is not asked for costs no memory. How long things take is
// for `./x bench deployed` to say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { platform, Platform } from "../support/platform.mjs";
import { residentMiB, temporaryFolder } from "../support/selvage.mjs";

const workers = 1000;
const asked = 100;

test("starts at once, and has in memory only the workers that are asked", async (t) => {
  const data = temporaryFolder(t);
  const first = await platform(t, "--data", data);
  for (let i = 0; i < workers; ++i) {
    await first.deploy(`w${i}`, `export default { fetch: () => new Response("worker ${i}") }`);
  }
  await first.stop();

  const again = await new Platform(t, "--data", data, "--isolate-idle", "1000").ready();
  const ready = Number(/Ready in (\d+) ms/.exec(again.output)[1]);
  const idle = residentMiB(again.engine());
  const times = [];
  for (let i = 0; i < asked; ++i) {
    const number = (i * 7919) % workers;
    const start = performance.now();
    assert.equal(await again.text(`w${number}`), `worker ${number}`);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const busy = residentMiB(again.engine());
  t.diagnostic(
    `ready in ${ready} ms with ${idle.toFixed(0)} MiB; first requests: median ${times[asked / 2].toFixed(1)} ms, ` +
      `p99 ${times[Math.floor(asked * 0.99)].toFixed(1)} ms; ${busy.toFixed(0)} MiB with ${asked} of them in use`,
  );
  assert.ok(idle < 250, `${idle} MiB with nobody asked`);
  assert.ok(busy - idle < asked * 5, `${busy - idle} MiB for ${asked} workers`);
});
