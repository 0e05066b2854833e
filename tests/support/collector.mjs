// An OpenTelemetry collector in the test's process: takes OTLP/HTTP in JSON, strictly by the
// protocol's field names (https://opentelemetry.io/docs/specs/otlp/), and keeps the spans.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";

const keys = (object, allowed) => {
  for (const key of Object.keys(object)) assert.ok(allowed.includes(key), `no field is called ${key}`);
};

function attributesOf(list) {
  const all = {};
  for (const attribute of list) {
    keys(attribute, ["key", "value"]);
    const [[type, value], ...more] = Object.entries(attribute.value);
    assert.equal(more.length, 0, attribute.key);
    assert.equal(all[attribute.key], undefined, `${attribute.key} comes once`);
    switch (type) {
      case "stringValue": assert.equal(typeof value, "string"); break;
      case "boolValue": assert.equal(typeof value, "boolean"); break;
      case "intValue": assert.match(value, /^-?\d+$/); break;
      default: assert.fail(`${attribute.key} is a ${type}`);
    }
    all[attribute.key] = type === "intValue" ? Number(value) : value;
  }
  return all;
}

function spanOf(span, resource, scope) {
  keys(span, ["traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano",
    "endTimeUnixNano", "attributes", "events", "status"]);
  assert.match(span.traceId, /^[0-9a-f]{32}$/);
  assert.match(span.spanId, /^[0-9a-f]{16}$/);
  if (span.parentSpanId !== undefined) assert.match(span.parentSpanId, /^[0-9a-f]{16}$/);
  assert.ok(span.name.length > 0);
  assert.ok([1, 2, 3].includes(span.kind), "kinds are numbers");
  for (const time of [span.startTimeUnixNano, span.endTimeUnixNano]) assert.match(time, /^\d{19}$/);
  assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  if (span.status !== undefined) keys(span.status, ["code", "message"]);
  const events = (span.events ?? []).map((event) => {
    keys(event, ["name", "timeUnixNano", "attributes"]);
    return { name: event.name, attributes: attributesOf(event.attributes) };
  });
  return { ...span, attributes: attributesOf(span.attributes), events, resource, scope };
}

function spansOf(body) {
  keys(body, ["resourceSpans"]);
  return body.resourceSpans.flatMap((of) => {
    keys(of, ["resource", "scopeSpans"]);
    keys(of.resource, ["attributes"]);
    const resource = attributesOf(of.resource.attributes);
    return of.scopeSpans.flatMap(({ scope, spans, ...rest }) => {
      keys(rest, []);
      keys(scope, ["name", "version"]);
      return spans.map((span) => spanOf(span, resource, scope));
    });
  });
}

export class Collector {
  /** Spans of the requests that were answered with 200. */
  spans = [];
  /** Header fields of every request. */
  requests = [];
  /** What was wrong with a request, for the test to look at. */
  problems = [];
  /** Gives each request its answer: (response, number of the request) => void. */
  answer = (response) => response.writeHead(200, { "Content-Type": "application/json" }).end("{}");

  /** A collector that is there until the test has ended. */
  static async start(t, port = 0) {
    const collector = new Collector();
    collector.server = createServer(async (request, response) => {
      collector.requests.push(request.headers);
      const body = Buffer.concat(await request.toArray().catch(() => [])).toString();
      response.on("finish", () => {
        if (response.statusCode !== 200) return;
        try {
          assert.equal(request.method, "POST");
          assert.equal(request.url, "/v1/traces");
          assert.equal(request.headers["content-type"], "application/json");
          collector.spans.push(...spansOf(JSON.parse(body)));
        } catch (error) {
          collector.problems.push(error);
        }
      });
      collector.answer(response, collector.requests.length);
    });
    collector.server.listen(port, "127.0.0.1");
    await once(collector.server, "listening");
    collector.port = collector.server.address().port;
    collector.endpoint = `http://127.0.0.1:${collector.port}/v1/traces`;
    t.after(() => collector.stop());
    return collector;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  find(matches) {
    if (this.problems.length > 0) throw this.problems[0];
    return this.spans.find(matches);
  }
}
