// Unmodified wrangler follows a worker's events.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, temporaryFolder, until } from "../support/selvage.mjs";

const source = `export default { async fetch(request) {
  console.log("saw", new URL(request.url).pathname, { a: 1 });
  if (request.url.endsWith("/throw")) throw new TypeError("thrown");
  return new Response("ok");
} }`;

describe("wrangler tail", () => {
  const life = lifetime();
  let it;
  let folder;
  before(async () => {
    it = await platform(life);
    folder = temporaryFolder(life);
    await it.deploy("loud", source);
  });

  /** Starts a tail, asks the worker until something is shown; ends it. Its output. */
  async function follow(args, path, seen) {
    const tail = it.startWrangler(folder, "tail", "loud", ...args);
    try {
      await until(async () => {
        await it.ask("loud", path);
        return seen.test(tail.outcome.stdout + tail.outcome.stderr);
      }, `nothing like ${seen} is shown`);
    } finally {
      tail.child.kill("SIGINT");
    }
    return (await tail.ended).output;
  }

  test("in JSON", async () => {
    const output = await follow(["--format", "json"], "/path?a=b", /\/path/);
    const event = JSON.parse(output.slice(0, output.indexOf("\n}") + 2));
    assert.equal(event.scriptName, "loud");
    assert.equal(event.outcome, "ok");
    assert.match(event.event.request.url, /\/path\?a=b$/);
    assert.equal(event.event.response.status, 200);
    assert.deepEqual(event.logs[0].message, ["saw", "/path", { a: 1 }]);
    assert.deepEqual(await it.result("GET", "/workers/scripts/loud/tails"), [], "the tail was ended");
  });

  test("for people", async () => {
    const output = await follow(["--format", "pretty"], "/throw", /TypeError/);
    assert.match(output, /GET http:\S+\/throw - Exception Thrown/);
    assert.match(output, /\(log\) saw \/throw/);
    assert.match(output, /TypeError: thrown/);
  });

  test("of failures only", async () => {
    const tail = it.startWrangler(folder, "tail", "loud", "--format", "json", "--status", "error");
    await until(async () => {
      await it.ask("loud", "/good");
      await it.ask("loud", "/throw");
      return tail.outcome.stdout.includes("/throw");
    }, "a failure is shown");
    tail.child.kill("SIGINT");
    assert.doesNotMatch((await tail.ended).stdout, /\/good/);
  });

  test("at URLs that nobody can guess, for a while", async () => {
    const tail = await it.result("POST", "/workers/scripts/loud/tails", { filters: [] });
    assert.match(tail.url, /^ws:\/\/127\.0\.0\.1:\d+\/client\/v4\/tails\/[0-9a-f]{32}$/);
    assert.ok(Date.parse(tail.expires_at) > Date.now());
    const opens = (url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, "trace-v1");
        socket.onopen = () => (socket.close(), resolve(true));
        socket.onerror = () => resolve(false);
      });
    assert.equal(await opens(tail.url), true);
    assert.equal(await opens(tail.url.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))), false);
    await it.result("DELETE", `/workers/scripts/loud/tails/${tail.id}`);
    assert.equal(await opens(tail.url), false);
    assert.equal((await it.call("POST", "/workers/scripts/nobody/tails", {})).status, 404);
    const wrong = await it.call("POST", "/workers/scripts/loud/tails", { filters: [{ sampling_rate: "x" }] });
    assert.equal(wrong.status, 400);
  });
});
