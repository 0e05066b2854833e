// What can be seen of a running platform: live records (`selvage tail`), those that were kept
// (`selvage logs`), metrics, health, the access log, tail workers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "../support/requests.mjs";
import { program, project, run, serve, temporaryFolder, until } from "../support/selvage.mjs";

const limit = { timeout: 90_000 };

const source = `
import { WorkerEntrypoint, DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  fetch(request) {
    console.log("in the object", new URL(request.url).pathname);
    return new Response("counted", { status: 201 });
  }
  add(a, b) {
    console.info("adding");
    return a + b;
  }
  async setAlarm(after, fails) {
    await this.ctx.storage.put("fails", fails);
    await this.ctx.storage.setAlarm(Date.now() + after);
  }
  async alarm() {
    if (await this.ctx.storage.get("fails")) throw new Error("the alarm fails");
  }
}
export class Named extends WorkerEntrypoint {
  greet(name) { console.log("greeting", name); return "hello " + name; }
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/log":
        console.log("text", { a: 1, list: [1, 2] }, 3, null, undefined, new Error("an error"));
        console.warn("careful");
        return new Response("logged", { status: 202 });
      case "/throw": throw new TypeError("on purpose");
      case "/later": ctx.waitUntil(Promise.reject(new RangeError("later"))); return new Response("ok");
      case "/spin": for (;;) {}
      case "/object": return env.COUNTER.getByName("a").fetch(request);
      case "/rpc": return Response.json(await env.COUNTER.getByName("a").add(1, 2));
      case "/named": return new Response(await env.NAMED.greet("you"));
      case "/alarms":
        await env.COUNTER.getByName("soon").setAlarm(0, false);
        await env.COUNTER.getByName("late").setAlarm(3_600_000, false);
        await env.COUNTER.getByName("fails").setAlarm(0, true);
        return new Response("set");
      case "/kv": await env.KV.put("a", "b"); return new Response(await env.KV.get("a"));
      default: return new Response("quiet");
    }
  },
  scheduled(event) { console.log("ran", event.cron); },
};`;
const config = `
[limits]
cpu_ms = 100
[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
[[kv_namespaces]]
binding = "KV"
id = "kv"
[[services]]
binding = "NAMED"
service = "w"
entrypoint = "Named"
`;

/** `selvage tail --json`, listening. */
class Tail {
  constructor(t, data, ...args) {
    this.records = [];
    this.text = "";
    this.child = spawn(program, ["tail", "--data", data, "--json", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    this.child.stdout.setEncoding("utf8").on("data", (text) => {
      this.text += text;
      for (let end; (end = this.text.indexOf("\n")) >= 0; this.text = this.text.slice(end + 1)) {
        this.records.push(JSON.parse(this.text.slice(0, end)));
      }
    });
    t.after(() => this.child.kill("SIGKILL"));
  }
  /** Asks for `path` until the tail has seen it: it listens then. */
  async listening(session) {
    await until(async () => {
      await session.get("/are-you-there");
      return this.records.some(({ event }) => event?.request?.url.endsWith("/are-you-there"));
    }, "the tail listens");
    return this;
  }
  async find(matches) {
    let found;
    await until(() => (found = this.records.find(matches)) !== undefined, "the record comes");
    return found;
  }
}
const ofPath = (path) => ({ event, executionModel }) => event?.request?.url.endsWith(path) && executionModel === "stateless";

async function start(t, settings = "") {
  const data = temporaryFolder(t);
  const file = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(file, settings);
  const session = await serve(t, project(t, { source, config }), "--data", data, "--settings", file);
  return { session, data, folder: join(file, "..") };
}

test("tail shows every event with its outcome, logs, exceptions and times", limit, async (t) => {
  const { session, data } = await start(t);
  const tail = await new Tail(t, data).listening(session);

  await fetch(`${session.url}/log?a=b`, { headers: { Authorization: "Bearer secret", "X-Mine": "1" } });
  const logged = await tail.find(ofPath("/log?a=b"));
  assert.equal(logged.outcome, "ok");
  assert.equal(logged.scriptName, "w");
  assert.match(logged.scriptVersion.id, /^[0-9a-f]+$/);
  assert.equal(logged.event.request.method, "GET");
  assert.equal(logged.event.request.headers.authorization, "REDACTED");
  assert.equal(logged.event.request.headers["x-mine"], "1");
  assert.equal(logged.event.response.status, 202);
  assert.deepEqual(logged.logs.map(({ level }) => level), ["log", "warn"]);
  const [text, object, number, nothing, missing, error] = logged.logs[0].message;
  assert.deepEqual([text, object, number, nothing, missing], ["text", { a: 1, list: [1, 2] }, 3, null, "undefined"]);
  assert.match(error, /^Error: an error\n/);
  assert.ok(Math.abs(logged.eventTimestamp - Date.now()) < 60_000);
  assert.ok(logged.wallTime >= 0 && logged.cpuTime >= 0);

  await fetch(`${session.url}/throw`);
  const threw = await tail.find(ofPath("/throw"));
  assert.equal(threw.outcome, "exception");
  assert.equal(threw.exceptions[0].name, "TypeError");
  assert.equal(threw.exceptions[0].message, "on purpose");
  assert.match(threw.exceptions[0].stack, /index\.js:\d+:\d+/);
  assert.equal(threw.event.response.status, 500);

  await fetch(`${session.url}/later`);
  const later = await tail.find(ofPath("/later"));
  assert.equal(later.outcome, "exception");
  assert.equal(later.exceptions[0].name, "RangeError");

  await fetch(`${session.url}/spin`);
  const spun = await tail.find(ofPath("/spin"));
  assert.equal(spun.outcome, "exceededCpu");
  assert.ok(spun.cpuTime >= 90, `${spun.cpuTime}`);
});

test("events of Durable Objects and calls are records of their own", limit, async (t) => {
  const { session, data } = await start(t);
  const tail = await new Tail(t, data).listening(session);
  await session.get("/object");
  const object = await tail.find(({ executionModel }) => executionModel === "durableObject");
  assert.equal(object.entrypoint, "Counter");
  assert.match(object.durableObjectId, /^[0-9a-f]{64}$/);
  assert.match(object.event.request.url, /\/object$/);
  assert.equal(object.event.response.status, 201);
  assert.deepEqual(object.logs.map(({ message }) => message), [["in the object", "/object"]]);
  assert.deepEqual((await tail.find(ofPath("/object"))).logs, []);

  assert.equal(await session.get("/rpc"), "3");
  const call = await tail.find(({ event, executionModel }) => executionModel === "durableObject" && event?.rpcMethod !== undefined);
  assert.equal(call.event.rpcMethod, "add");
  assert.deepEqual(call.logs.map(({ message, level }) => [level, message]), [["info", ["adding"]]]);

  assert.equal(await session.get("/named"), "hello you");
  const named = await tail.find(({ entrypoint }) => entrypoint === "Named");
  assert.equal(named.event.rpcMethod, "greet");
  assert.deepEqual(named.logs[0].message, ["greeting", "you"]);
});

test("tail shows what its filters admit", limit, async (t) => {
  const { session, data } = await start(t);
  const all = await new Tail(t, data).listening(session);
  const failing = new Tail(t, data, "--status", "error");
  const posting = new Tail(t, data, "--method", "POST", "--header", "x-a:yes");
  const searching = new Tail(t, data, "--search", "careful");
  for (const tail of [failing, searching]) {
    await until(async () => {
      await session.get(tail === failing ? "/throw" : "/log");
      return tail.records.length > 0;
    }, "it listens");
  }
  await until(async () => {
    await fetch(`${session.url}/posted`, { method: "POST", headers: { "X-A": "yes, please" } });
    await fetch(`${session.url}/posted`, { method: "POST", headers: { "X-A": "no" } });
    return posting.records.length > 0;
  }, "it listens");
  await fetch(`${session.url}/log`);
  await fetch(`${session.url}/end`);
  await all.find(ofPath("/end"));
  assert.ok(failing.records.every(({ outcome }) => outcome === "exception"));
  assert.ok(posting.records.every(({ event }) => event.request.method === "POST" && event.request.headers["x-a"] === "yes, please"));
  assert.ok(searching.records.every(({ event }) => event.request.url.endsWith("/log")));
  const refused = run(["tail", "--data", data, "--status", "red"]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /there is no status "red"/);
});

test("logs finds what was kept: events that logged or failed", limit, async (t) => {
  const { session, data } = await start(t);
  await session.get("/log");
  await session.get("/throw");
  await session.get("/quiet");
  await session.get("/object");
  const find = (...args) => {
    const { stdout, stderr, status } = run(["logs", "--data", data, "--json", ...args]);
    assert.equal(status, 0, stderr);
    return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  };
  await until(() => find().some(({ executionModel }) => executionModel === "durableObject"), "it is kept");
  assert.deepEqual(find("--status", "exception").map(({ event }) => event.request.url), [`${session.url}/throw`]);
  assert.deepEqual(find("--search", "careful").map(({ event }) => event.response.status), [202]);
  assert.equal(find("--limit", "1").length, 1);
  assert.equal(find("--since", "1h").length, find().length);
  assert.equal(find("--until", "1h").length, 0);
  assert.ok(find().every(({ event }) => !event?.request?.url.endsWith("/quiet")));

  const pretty = run(["logs", "--data", data]).stdout;
  assert.match(pretty, /GET http:\/\/localhost:\d+\/log - Ok 202 @ \d{4}-\d\d-\d\d [\d:]{8} \(\d+ ms\)\n {2}\(log\) text \{"a":1,"list":\[1,2\]\} 3 null undefined Error: an error/);
  assert.match(pretty, /GET \S+\/throw - Exception 500 @ .*\n {2}TypeError: on purpose\n {6}at .*index\.js:\d+:\d+/);

  await session.stop();
  assert.ok(find().length >= 3, "also while nothing runs");
  const nothing = run(["tail", "--data", data]);
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /nothing runs here/);
  const bad = run(["logs", "--data", data, "--since", "soon"]);
  assert.match(bad.stderr, /"soon" is not a time/);
});

test("metrics count, health answers, and neither is on the clients' port", limit, async (t) => {
  const { session } = await start(t, '[operations]\nlisten = "127.0.0.1:0"\n');
  const [, port] = session.output.match(/metrics and health on port (\d+)/);
  const operator = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await operator("/healthz"), [200, "ok\n"]);
  assert.deepEqual(await operator("/readyz"), [200, "ok\n"]);
  assert.equal((await operator("/other"))[0], 404);
  for (const path of ["/", "/", "/kv", "/throw", "/object", "/spin"]) await session.get(path);
  const [status, text] = await operator("/metrics");
  assert.equal(status, 200);
  const value = (name) => Number(text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  assert.equal(value('selvage_responses_total{worker="w",status="2xx"}'), 4);
  assert.equal(value('selvage_responses_total{worker="w",status="5xx"}'), 2);
  assert.equal(value('selvage_response_seconds_count{worker="w"}'), 6);
  assert.equal(value('selvage_failures_total{worker="w",outcome="exception"}'), 1);
  assert.equal(value('selvage_failures_total{worker="w",outcome="exceededCpu"}'), 1);
  assert.equal(value('selvage_kv_operations_total{worker="w",operation="read"}'), 1);
  assert.equal(value('selvage_kv_operations_total{worker="w",operation="write"}'), 1);
  assert.equal(value('selvage_object_operations_total{worker="w",operation="event"}'), 1);
  assert.equal(value('selvage_invocation_cpu_seconds_count{worker="w"}'), 6);
  assert.ok(value('selvage_cpu_seconds_total{worker="w"}') >= 0.09);
  assert.ok(value('selvage_cold_start_seconds_count{worker="w"}') >= 1);
  assert.ok(value("process_resident_memory_bytes") > 1e7);
  assert.equal(await session.get("/metrics"), "quiet");
});

test("metrics show what waits for the disk, and how alarms end", limit, async (t) => {
  const { session } = await start(t, '[operations]\nlisten = "127.0.0.1:0"\n[access_log]\npath = "access.log"\n');
  const [, port] = session.output.match(/metrics and health on port (\d+)/);
  await session.get("/kv");
  await session.get("/alarms");
  let text;
  const value = (name) => Number(text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  await until(async () => {
    text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return value('selvage_alarm_runs_total{outcome="retried"}') === 1 && value('selvage_alarms{state="waiting"}') === 2;
  }, "the alarm that fails is tried again");
  assert.equal(value('selvage_alarm_runs_total{outcome="done"}'), 1);
  assert.ok(value('selvage_alarm_runs_total{outcome="failed"}') >= 1);
  assert.equal(value('selvage_alarm_runs_total{outcome="abandoned"}'), 0);
  assert.equal(value('selvage_alarms{state="overdue"}'), 0);
  for (const queue of ["kv_writes", "commit_log", "logs", "access_log"]) {
    await until(async () => {
      text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return value(`selvage_queue_length{queue="${queue}"}`) === 0;
    }, `${queue} is empty`);
  }
  assert.equal(value("selvage_kv_commits_total"), 1);
  assert.equal(value("selvage_kv_committed_requests_total"), 1);
  assert.ok(value("selvage_commit_log_records_total") >= 3);
  assert.ok(value("selvage_commit_log_batches_total") >= 1);
  assert.ok(value("selvage_commit_log_bytes_total") > 0);
});

test("the access log has a line of JSON for each request", limit, async (t) => {
  const { session, folder } = await start(t, '[access_log]\npath = "access.log"\n');
  await fetch(`${session.url}/log?q=1`, { method: "POST" });
  await session.get("/object");
  let lines;
  await until(() => {
    lines = readFileSync(join(folder, "access.log"), "utf8").trim().split("\n").filter(Boolean);
    return lines.length === 2;
  }, "both are written");
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    { ...first, time: "", version: "", ms: 0, client: "" },
    { time: "", worker: "w", version: "", client: "", method: "POST", host: `localhost:${session.port}`, target: "/log?q=1", status: 202, ms: 0 },
  );
  assert.match(first.client, /^(127\.0\.0\.1|::1)$/);
  assert.equal(second.status, 201);
});

test("a tail worker gets the records of the workers that name it", limit, async (t) => {
  const sink = project(t, {
    name: "sink",
    source: `
      const seen = [];
      export default {
        fetch: () => Response.json(seen),
        tail(events) { for (const event of events) seen.push(event); console.log("tailed", events.length); },
      };`,
  });
  const producer = project(t, { source, config: `${config}\n[[tail_consumers]]\nservice = "sink"\n` });
  const session = await serve(t, [producer, sink], "--threads", "1");
  const at = async (worker, path) => (await ask(session.port, path, { host: `${worker}.localhost` })).text;
  await at("w", "/log");
  let seen;
  await until(async () => (seen = JSON.parse(await at("sink", "/"))).length > 0, "it got the record");
  assert.equal(seen[0].scriptName, "w");
  assert.equal(seen[0].outcome, "ok");
  assert.equal(seen[0].event.response.status, 202);
  assert.deepEqual(seen[0].logs[1].message, ["careful"]);
  assert.ok(seen.every(({ scriptName }) => scriptName === "w"), "nothing of its own");
});

test("tail ends when the engine does, and with Ctrl-C", limit, async (t) => {
  const { session, data } = await start(t);
  const first = await new Tail(t, data).listening(session);
  const second = await new Tail(t, data).listening(session);
  first.child.kill("SIGINT");
  await once(first.child, "exit");
  const ended = once(second.child, "exit");
  assert.equal(await session.stop(), 0);
  const [status] = await ended;
  assert.equal(status, 1);
});
