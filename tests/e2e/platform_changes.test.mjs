// What clients see while a platform is deployed to, and what is left when it is killed meanwhile.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { platform, upload } from "../support/platform.mjs";
import { Random } from "../support/random.mjs";
import { until } from "../support/selvage.mjs";

/** A worker whose code and whose variable say the same number. */
const numbered = (number) => [
  `export default { fetch: (request, env) => new Response("${number} " + env.NUMBER) }`,
  { bindings: [{ type: "plain_text", name: "NUMBER", text: String(number) }] },
];
const numberIn = (text) => {
  const [code, variable] = text.split(" ");
  assert.equal(code, variable, "one version's code with another's variables");
  return Number(code);
};

function askOn(agent, port, host) {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path: "/", headers: { host }, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    }).on("error", reject).end();
  });
}

test("20 deployments under load: no request fails, and none gets what is not deployed", async (t) => {
  const it = await platform(t);
  await it.deploy("busy", ...numbered(0));
  let begun = 0; // deployments that were asked for
  let deployed = 0; // deployments that were answered
  let requests = 0;
  let stop = false;
  const clients = Array.from({ length: 64 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stop) {
      const least = deployed;
      const { status, text } = await askOn(agent, it.port, "busy.localhost");
      assert.equal(status, 200);
      const number = numberIn(text);
      assert.ok(number >= least, `${number} after ${least} was deployed`);
      assert.ok(number <= begun, `${number}, which is not deployed yet`);
      ++requests;
    }
    agent.destroy();
  });
  const all = Promise.all(clients);
  for (let number = 1; number <= 20; ++number) {
    begun = number;
    await Promise.race([it.deploy("busy", ...numbered(number)), all]);
    deployed = number;
    const seen = requests;
    await until(() => requests > seen + 64, "requests are answered");
  }
  stop = true;
  await all;
});

test("an engine that is killed in the middle of a change leaves the old state or the new", async (t) => {
  const it = await platform(t);
  const random = new Random(12);
  await it.deploy("hit", ...numbered(0));
  let newest = 0;
  for (let round = 1; round <= 6; ++round) {
    const change = it.call("PUT", "/workers/scripts/hit", upload(...numbered(round))).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 60)));
    await it.killEngine();
    const answer = await change;
    const number = numberIn(await it.text("hit"));
    if (answer?.status === 200) newest = round;
    assert.ok(number === newest || number === round, `${number} after ${newest} was there and ${round} came`);
    newest = number;
    const [deployment] = (await it.result("GET", "/workers/scripts/hit/deployments")).deployments;
    const version = await it.result("GET", `/workers/scripts/hit/versions/${deployment.versions[0].version_id}`);
    assert.equal(version.resources.bindings[0].text, String(number), "the API says what answers");
  }
});

test("an engine that is killed while a secret changes leaves the old secret or the new", async (t) => {
  const it = await platform(t);
  const random = new Random(34);
  await it.deploy("safe", `export default { fetch: (request, env) => new Response(env.SECRET ?? "0") }`);
  let newest = "0";
  for (let round = 1; round <= 5; ++round) {
    const secret = { name: "SECRET", text: String(round), type: "secret_text" };
    const change = it.call("PUT", "/workers/scripts/safe/secrets", secret).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 20)));
    await it.killEngine();
    const answer = await change;
    const text = await it.text("safe");
    if (answer?.status === 200) newest = String(round);
    assert.ok(text === newest || text === String(round), `${text} after ${newest} was there and ${round} came`);
    newest = text;
  }
});
