// Traces: what of a request, and of what comes of it, reaches an OpenTelemetry collector; and that a
// collector which is away, slow or full does no harm.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { Collector } from "../support/collector.mjs";
import { project, residentMiB, serve, Session, temporaryFolder, until } from "../support/selvage.mjs";

const limit = { timeout: 90_000 };
const traceId = "0af7651916cd43dd8448eb211c80319c";
const callerId = "b7ad6b7169203331";
const sampled = `00-${traceId}-${callerId}-01`;

const source = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Thing extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/fail") throw new TypeError("the object fails");
    if (pathname === "/alarm") await this.ctx.storage.setAlarm(Date.now());
    if (pathname === "/out") return fetch(request.headers.get("x-origin"));
    return new Response("from the object", { status: 202 });
  }
  alarm() {}
  async hello(name) { return "hello " + name; }
}
export class Named extends WorkerEntrypoint {
  fetch(request) { return fetch(request.headers.get("x-origin")); }
  greet(name) { return this.env.THING.getByName(name).hello(name); }
}
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const origin = request.headers.get("x-origin");
    switch (url.pathname) {
      case "/throw": throw new TypeError("on purpose");
      case "/fetch": return fetch(origin);
      case "/pass-on": return fetch(new Request(origin, request));
      case "/own": return fetch(origin, { headers: { traceparent: "00-${"1".repeat(32)}-${"2".repeat(16)}-01" } });
      case "/refused": return fetch("http://127.0.0.1:1/").catch(() => new Response("refused"));
      case "/service": return env.NAMED.fetch("http://named/", { headers: { "x-origin": origin } });
      case "/object": return env.THING.getByName(url.searchParams.get("name") ?? "a")
        .fetch("http://object" + (url.searchParams.get("path") ?? "/"), { headers: { "x-origin": origin ?? "" } });
      case "/rpc": return new Response(await env.NAMED.greet(url.searchParams.get("name")));
      case "/kv": {
        await env.KV.put("key", "value");
        const values = [await env.KV.get("key"), await env.KV.get("missing"), (await env.KV.get(["key", "b"])).size];
        await env.KV.list({ prefix: "k" });
        await env.KV.delete("key");
        await env.KV.get("x".repeat(1000)).catch(() => {});
        return Response.json(values);
      }
      case "/later": ctx.waitUntil(fetch(origin)); return new Response("now");
      default: return new Response("hello");
    }
  },
  scheduled() {},
};`;
const config = `
[[durable_objects.bindings]]
name = "THING"
class_name = "Thing"
[[kv_namespaces]]
binding = "KV"
id = "the-namespace"
[[services]]
binding = "NAMED"
service = "w"
entrypoint = "Named"
`;

async function start(t, endpoint, { more = "", args = [] } = {}) {
  const file = join(temporaryFolder(t), "selvage.toml");
  writeFileSync(file, `[operations]\nlisten = "127.0.0.1:0"\n[traces]\nendpoint = "${endpoint}"\n${more}`);
  const session = await serve(
    t, project(t, { source, config }), "--settings", file, "--allow-private-network", ...args,
  );
  const [, port] = session.output.match(/metrics and health on port (\d+)/);
  session.metric = async (name) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  };
  return session;
}

/** A server that answers with the fields of the request. */
async function echo(t) {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/there?a=1&sig=secret`;
}

const ofPath = (path) => ({ kind, attributes }) => kind === 2 && attributes["url.path"] === path;

async function spanFor(collector, matches, what = "the span comes") {
  await until(() => collector.find(matches), what);
  return collector.find(matches);
}

test("a request from another trace is a span of it, and what it fetches is its child", limit, async (t) => {
  const collector = await Collector.start(t);
  const origin = await echo(t);
  const session = await start(t, collector.endpoint, { more: 'headers = { Authorization = "Bearer x" }\n' });
  const headers = { traceparent: sampled, tracestate: "rojo=1, congo=2", "x-origin": origin, "user-agent": "tester" };
  const got = JSON.parse(await session.get("/fetch?q=1&Signature=s", { headers }));
  const server = await spanFor(collector, ofPath("/fetch"));
  const client = await spanFor(collector, ({ kind }) => kind === 3);

  assert.equal(server.traceId, traceId);
  assert.equal(server.parentSpanId, callerId);
  assert.equal(server.traceState, "rojo=1,congo=2");
  assert.equal(server.flags, 0x301, "its parent is remote");
  assert.equal(server.name, "GET");
  assert.equal(server.status, undefined);
  assert.deepEqual(server.scope.name, "selvage");
  assert.equal(server.resource["service.name"], "w");
  assert.equal(server.resource["faas.name"], "w");
  const { "cloudflare.cpu_time": cpu, "cloudflare.wall_time": wall, "client.address": client_address, ...rest } = server.attributes;
  assert.ok(cpu >= 0 && wall >= 0);
  assert.match(client_address, /^(127\.0\.0\.1|::1)$/);
  assert.deepEqual(rest, {
    "http.request.method": "GET",
    "url.scheme": "http",
    "url.path": "/fetch",
    "url.query": "q=1&Signature=REDACTED",
    "server.address": "localhost",
    "server.port": session.port,
    "http.response.status_code": 200,
    "user_agent.original": "tester",
    "cloudflare.handler_type": "fetch",
    "faas.trigger": "http",
    "cloudflare.outcome": "ok",
    "cloudflare.execution_model": "stateless",
  });

  assert.equal(client.traceId, traceId);
  assert.equal(client.parentSpanId, server.spanId);
  assert.equal(client.flags, 0x101);
  assert.deepEqual(client.attributes, {
    "http.request.method": "GET",
    "url.full": origin.replace("secret", "REDACTED"),
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(origin).port),
    "http.response.status_code": 200,
  });
  assert.ok(BigInt(client.startTimeUnixNano) >= BigInt(server.startTimeUnixNano));
  assert.ok(BigInt(client.endTimeUnixNano) <= BigInt(server.endTimeUnixNano));
  assert.equal(got.traceparent, `00-${traceId}-${client.spanId}-01`);
  assert.equal(got.tracestate, "rojo=1,congo=2");
  assert.ok(collector.requests.every(({ authorization }) => authorization === "Bearer x"));
});

test("a request without a trace, or with one that is wrong, begins one", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint);
  await session.get("/one");
  await session.get("/two", { headers: { traceparent: sampled.toUpperCase(), tracestate: "a=1" } });
  const [one, two] = [await spanFor(collector, ofPath("/one")), await spanFor(collector, ofPath("/two"))];
  for (const span of [one, two]) {
    assert.equal(span.parentSpanId, undefined);
    assert.equal(span.traceState, undefined);
    assert.notEqual(span.traceId, traceId);
  }
  assert.notEqual(one.traceId, two.traceId);
});

test("a caller that does not sample is heeded, and so is whoever comes after", limit, async (t) => {
  const collector = await Collector.start(t);
  const origin = await echo(t);
  const session = await start(t, collector.endpoint);
  const headers = { traceparent: `00-${traceId}-${callerId}-00`, "x-origin": origin };
  const got = JSON.parse(await session.get("/fetch", { headers }));
  assert.match(got.traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  await session.get("/sampled");
  await spanFor(collector, ofPath("/sampled"));
  assert.equal(collector.spans.length, 1);
});

test("of new traces a share is sampled, and callers decide for theirs", limit, async (t) => {
  const collector = await Collector.start(t);
  const origin = await echo(t);
  const session = await start(t, collector.endpoint, { more: "sample_ratio = 0\n" });
  const got = JSON.parse(await session.get("/fetch", { headers: { "x-origin": origin } }));
  assert.match(got.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  await session.get("/theirs", { headers: { traceparent: sampled } });
  await spanFor(collector, ofPath("/theirs"));
  assert.equal(collector.spans.length, 1);
});

test("callers decide nothing when parent_based is off", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint, { more: "parent_based = false\n" });
  await session.get("/", { headers: { traceparent: `00-${traceId}-${callerId}-00` } });
  const span = await spanFor(collector, ofPath("/"));
  assert.equal(span.traceId, traceId);
});

test("a script that passes a request on gets its own span into it, and keeps a trace of its own", limit, async (t) => {
  const collector = await Collector.start(t);
  const origin = await echo(t);
  const session = await start(t, collector.endpoint);
  const headers = { traceparent: sampled, tracestate: "rojo=1", "x-origin": origin };
  const passed = JSON.parse(await session.get("/pass-on", { headers }));
  const client = await spanFor(collector, ({ kind }) => kind === 3);
  assert.equal(passed.traceparent, `00-${traceId}-${client.spanId}-01`);
  assert.equal(passed.tracestate, "rojo=1");
  const own = JSON.parse(await session.get("/own", { headers }));
  assert.equal(own.traceparent, `00-${"1".repeat(32)}-${"2".repeat(16)}-01`);
  assert.equal(own.tracestate, undefined);
});

test("what goes on after the response is part of the request's span", limit, async (t) => {
  const collector = await Collector.start(t);
  const slow = createServer((_, response) => setTimeout(() => response.end("late"), 300));
  slow.listen(0, "127.0.0.1");
  await once(slow, "listening");
  t.after(() => slow.close());
  const session = await start(t, collector.endpoint);
  const origin = `http://127.0.0.1:${slow.address().port}/`;
  assert.equal(await session.get("/later", { headers: { "x-origin": origin } }), "now");
  const request = await spanFor(collector, ofPath("/later"));
  const later = await spanFor(collector, ({ kind }) => kind === 3);
  assert.equal(later.parentSpanId, request.spanId);
  assert.equal(later.attributes["http.response.status_code"], 200);
  assert.ok(BigInt(request.endTimeUnixNano) >= BigInt(later.endTimeUnixNano));
});

test("what fails says how", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint);
  await session.get("/throw");
  const threw = await spanFor(collector, ofPath("/throw"));
  assert.deepEqual(threw.status, { code: 2, message: "on purpose" });
  assert.equal(threw.attributes["http.response.status_code"], 500);
  assert.equal(threw.attributes["cloudflare.outcome"], "exception");
  assert.equal(threw.events[0].name, "exception");
  assert.equal(threw.events[0].attributes["exception.type"], "TypeError");
  assert.equal(threw.events[0].attributes["exception.message"], "on purpose");
  assert.match(threw.events[0].attributes["exception.stacktrace"], /index\.js:\d+:\d+/);
  await session.get("/refused");
  const refused = await spanFor(collector, ({ kind }) => kind === 3);
  assert.equal(refused.status.code, 2);
  assert.equal(refused.attributes["error.type"], "unavailable");
});

for (const threads of ["1", "2"]) {
  test(`calls of services and objects stay in the trace, with ${threads} threads`, limit, async (t) => {
    const collector = await Collector.start(t);
    const origin = await echo(t);
    const session = await start(t, collector.endpoint, { args: ["--threads", threads] });
    const headers = { traceparent: sampled, "x-origin": origin };
    const chain = (last) => {
      const names = [];
      for (let span = last; span !== undefined; span = collector.spans.find(({ spanId }) => spanId === span.parentSpanId)) {
        assert.equal(span.traceId, traceId);
        names.unshift(`${span.kind === 2 ? "server" : "client"} ${span.attributes["url.path"] ?? span.attributes["url.full"]}`);
        if (span.parentSpanId === callerId) return names;
      }
      assert.fail(`no way up from ${names}`);
    };
    const got = JSON.parse(await session.get("/service", { headers }));
    await spanFor(collector, ofPath("/service"));
    assert.deepEqual(chain(collector.find(({ spanId }) => spanId === got.traceparent.split("-")[2])), [
      "server /service", "client http://named/", "server /", `client ${origin.replace("secret", "REDACTED")}`,
    ]);
    const named = collector.find(({ attributes }) => attributes["cloudflare.entrypoint"] === "Named");
    assert.equal(named.kind, 2);
    assert.equal(named.flags, 0x101, "its parent is here");

    // On whichever thread they live.
    for (const name of ["a", "b", "c", "d"]) {
      collector.spans = [];
      const there = JSON.parse(await session.get(`/object?path=/out&name=${name}`, { headers }));
      await spanFor(collector, ofPath("/object"));
      const object = await spanFor(collector, ofPath("/out"));
      assert.equal(object.attributes["cloudflare.execution_model"], "stateful");
      assert.match(object.attributes["cloudflare.durable_object.id"], /^[0-9a-f]{64}$/);
      const names = chain(collector.find(({ spanId }) => spanId === there.traceparent.split("-")[2]));
      assert.deepEqual(names, [
        "server /object", "client http://object/out", "server /out", `client ${origin.replace("secret", "REDACTED")}`,
      ]);
      const call = collector.find(({ attributes }) => attributes["url.full"] === "http://object/out");
      assert.equal(call.attributes["faas.invoked_name"], "w");
      assert.equal(call.attributes["cloudflare.durable_object.class"], "Thing");
      assert.equal(call.attributes["http.response.status_code"], 200);
      assert.equal(call.attributes["cloudflare.durable_object.id"], object.attributes["cloudflare.durable_object.id"]);
    }
    await session.get("/object?path=/fail");
    const failed = await spanFor(collector, ofPath("/fail"));
    assert.equal(failed.attributes["cloudflare.outcome"], "exception");
    assert.equal(failed.events[0].attributes["exception.message"], "the object fails");
    const call = await spanFor(collector, ({ attributes }) => attributes["url.full"] === "http://object/fail");
    assert.equal(call.spanId, failed.parentSpanId);
    assert.equal(call.attributes["error.type"], "exception");
    assert.equal(call.status.code, 2);
  });
}

test("calls by RPC stay in the trace, to services and to objects on whichever thread", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint, { args: ["--threads", "2"] });
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    collector.spans = [];
    assert.equal(await session.get(`/rpc?name=${name}`, { headers: { traceparent: sampled } }), `hello ${name}`);
    const request = await spanFor(collector, ofPath("/rpc"));
    const greet = await spanFor(collector, (span) => span.name === "greet");
    const hello = await spanFor(collector, (span) => span.name === "hello");
    assert.equal(greet.parentSpanId, request.spanId);
    assert.equal(greet.attributes["cloudflare.jsrpc.method"], "greet");
    assert.equal(greet.attributes["cloudflare.entrypoint"], "Named");
    assert.equal(hello.parentSpanId, greet.spanId);
    assert.equal(hello.attributes["cloudflare.execution_model"], "stateful");
    assert.ok([request, greet, hello].every((span) => span.traceId === traceId));
  }
});

test("operations on KV are spans of who asks for them", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint);
  assert.equal(await session.get("/kv", { headers: { traceparent: sampled } }), '["value",null,2]');
  const request = await spanFor(collector, ofPath("/kv"));
  const spans = collector.spans.filter(({ name }) => name.startsWith("kv_"));
  assert.ok(spans.every(({ parentSpanId, kind }) => parentSpanId === request.spanId && kind === 3));
  const all = { "db.system.name": "cloudflare-kv", "db.namespace": "the-namespace", "cloudflare.binding.type": "KV" };
  const keys = (key, count = 1) => ({ "cloudflare.kv.query.keys": key, "cloudflare.kv.query.keys.count": count });
  const rows = (count) => ({ "cloudflare.kv.response.returned_rows": count });
  const size = { "cloudflare.kv.response.size": 5 };
  spans.sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));
  assert.deepEqual(spans.map(({ name, attributes }) => [name, attributes]), [
    ["kv_put", { ...all, "db.operation.name": "put", ...keys("key"), "cloudflare.kv.query.payload.size": 5 }],
    ["kv_get", { ...all, "db.operation.name": "get", ...keys("key"), ...rows(1), ...size }],
    ["kv_get", { ...all, "db.operation.name": "get", ...keys("missing"), ...rows(0) }],
    ["kv_get", { ...all, "db.operation.name": "get", ...keys("key", 2), ...rows(1), ...size }],
    ["kv_list", { ...all, "db.operation.name": "list", "cloudflare.kv.query.prefix": "k", ...rows(1) }],
    ["kv_delete", { ...all, "db.operation.name": "delete", ...keys("key") }],
  ]);
});

test("an alarm and a cron trigger begin traces; the environment says where they go", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await new Session(
    t,
    ["dev", project(t, { source, config: `${config}\n[triggers]\ncrons = ["5 4 * * *"]\n` }), "--port", "0",
      "--data", temporaryFolder(t)],
    {
      env: {
        ...process.env,
        NO_COLOR: "1",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
        OTEL_SERVICE_NAME: "named",
        OTEL_TRACES_SAMPLER: "always_on",
      },
    },
  ).ready();
  await session.get("/object?path=/alarm", { headers: { traceparent: sampled } });
  const alarm = await spanFor(collector, ({ name }) => name === "alarm");
  assert.equal(alarm.parentSpanId, undefined);
  assert.notEqual(alarm.traceId, traceId);
  assert.equal(alarm.attributes["faas.trigger"], "timer");
  assert.match(alarm.attributes["cloudflare.scheduled_time"], /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(alarm.attributes["cloudflare.entrypoint"], "Thing");
  assert.equal(alarm.resource["service.name"], "named");
  await session.get("/cdn-cgi/local/scheduled?cron=5+4+*+*+*");
  const cron = await spanFor(collector, ({ name }) => name === "scheduled");
  assert.equal(cron.parentSpanId, undefined);
  assert.equal(cron.attributes["faas.cron"], "5 4 * * *");
  assert.ok(collector.requests.every((headers) => headers["x-key"] === "a b"));
});

test("spans that wait leave before the platform does", limit, async (t) => {
  const collector = await Collector.start(t);
  const session = await start(t, collector.endpoint);
  await session.get("/last");
  assert.equal(await session.stop(), 0);
  assert.ok(collector.find(ofPath("/last")));
});

test("a collector that says wait is sent the same again", limit, async (t) => {
  const collector = await Collector.start(t);
  collector.answer = (response, number) => response.writeHead(number === 1 ? 429 : 200, { "Retry-After": "1" }).end();
  const session = await start(t, collector.endpoint);
  await session.get("/again");
  await spanFor(collector, ofPath("/again"));
  assert.equal(collector.requests.length, 2);
  await until(async () => (await session.metric('selvage_spans_total{outcome="exported"}')) === 1, "it is counted");
  assert.equal(await session.metric('selvage_queue_length{queue="spans"}'), 0);
});

for (const [what, answer] of [["away", undefined], ["silent", () => {}]]) {
  test(`a collector that is ${what} harms nobody, and memory stays bounded`, limit, async (t) => {
    const collector = await Collector.start(t);
    if (answer === undefined) await collector.stop();
    else collector.answer = answer;
    const session = await start(t, collector.endpoint, { more: "max_queue = 200\n" });
    const engine = session.engine();
    const path = `/${"x".repeat(4000)}`;
    const ask = async (count) => {
      for (let i = 0; i < count; i += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(session.url + path)));
        for (const each of answers) assert.equal(await each.text(), "hello");
      }
    };
    await ask(1000);
    const before = residentMiB(engine);
    await ask(4000);
    assert.ok(residentMiB(engine) - before < 20, `${before} MiB grew to ${residentMiB(engine)} MiB`);
    await until(async () => (await session.metric('selvage_spans_total{outcome="dropped"}')) > 3000, "they are dropped");
    // The queue, and the batch that is on its way.
    assert.ok((await session.metric('selvage_queue_length{queue="spans"}')) <= 200 + 512);
    const began = Date.now();
    assert.equal(await session.stop(), 0);
    assert.ok(Date.now() - began < 15_000, "and the end comes all the same");
    const lines = session.output.split("\n").filter((line) => /cannot send spans/.test(line));
    assert.ok(lines.length <= 2, session.output);
    if (what === "away") assert.equal(lines.length, 1);
  });
}

test("without an endpoint nothing is traced, and no field is added", limit, async (t) => {
  const origin = await echo(t);
  const session = await serve(t, project(t, { source, config }), "--allow-private-network");
  const got = JSON.parse(await session.get("/fetch", { headers: { "x-origin": origin, traceparent: sampled } }));
  assert.equal(got.traceparent, undefined);
});
