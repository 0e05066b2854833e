// HTTP/1.1 as it is on the wire.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { RawClient } from "../support/raw_client.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, residentMiB, root, serve, until } from "../support/selvage.mjs";

const wire = join(root, "tests/tenants/wire");
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One server for a suite; connections of it end with the test. */
function server(...args) {
  const suite = lifetime();
  const it = {
    get: (path) => it.session.get(path),
    connect: async (t, host) => (await RawClient.connect(it.session.port, host)).closeAfter(t),
    event: (text) => until(async () => (await it.get("/events")).includes(text), `the worker says: ${text}`),
  };
  before(async () => {
    it.session = await serve(suite, wire, "--threads", "1", ...args);
  });
  return it;
}

describe("requests and responses", () => {
  const it = server();

  test("a connection is kept for the next request", async (t) => {
    const client = await it.connect(t);
    for (let i = 0; i < 5; ++i) {
      await client.request([`GET /seen?${i} HTTP/1.1`, "Host: a.example"]);
      const response = await client.response();
      assert.equal(response.body, `GET http://a.example/seen?${i}`);
      assert.equal(response.fields.get("connection"), undefined);
    }
  });

  test("Connection: close closes after the answer", async (t) => {
    const client = await it.connect(t);
    await client.request(["GET / HTTP/1.1", "Host: h", "Connection: close"]);
    const response = await client.response();
    assert.equal(response.body, "hello");
    assert.deepEqual(response.fields.get("connection"), ["close"]);
    assert.equal(await client.closed, "end");
  });

  test("HTTP/1.0 closes, unless keep-alive is asked for", async (t) => {
    const client = await it.connect(t);
    await client.request(["GET / HTTP/1.0"]);
    assert.equal((await client.response()).body, "hello");
    assert.equal(await client.closed, "end");
    const keeping = await it.connect(t);
    for (let i = 0; i < 2; ++i) {
      await keeping.request(["GET / HTTP/1.0", "Connection: keep-alive"]);
      const response = await keeping.response();
      assert.equal(response.body, "hello");
      assert.deepEqual(response.fields.get("connection"), ["keep-alive"]);
    }
  });

  test("pipelined requests are answered in order", async (t) => {
    const client = await it.connect(t);
    const count = 200;
    const paths = Array.from({ length: count }, (_, i) => (i % 7 === 3 ? "/pieces" : `/seen?${i}`));
    await client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`).join(""));
    for (const path of paths) {
      assert.equal((await client.response()).body, path === "/pieces" ? "onetwothree" : `GET http://h${path}`);
    }
  });

  test("pipelined requests with bodies do not mix", async (t) => {
    const client = await it.connect(t);
    await client.send(
      ["a", "bb", "ccc"].map((body) => `POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`).join(""),
    );
    for (const body of ["a", "bb", "ccc"]) assert.equal((await client.response()).body, body);
  });

  test("a request that comes byte by byte", async (t) => {
    const client = await it.connect(t);
    client.socket.setNoDelay(true);
    for (const byte of "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") await client.send(byte);
    assert.equal((await client.response()).body, "abc");
  });

  test("chunked both ways, each piece as it is there", async (t) => {
    const client = await it.connect(t);
    await client.request(["POST /echo HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"]);
    const head = await client.head();
    assert.deepEqual(head.fields.get("transfer-encoding"), ["chunked"]);
    for (const piece of ["one", "and two", "x".repeat(100_000)]) {
      await client.send(`${piece.length.toString(16)};extension=1\r\n${piece}\r\n`);
      let echoed = "";
      while (echoed.length < piece.length) echoed += await client.chunk();
      assert.equal(echoed, piece);
    }
    await client.send("0\r\nTrailer: ignored\r\n\r\n");
    assert.equal((await client.chunk()).length, 0);
    await client.request(["GET / HTTP/1.1", "Host: h"]);
    assert.equal((await client.response()).body, "hello");
  });

  test("Expect: 100-continue is answered when the body is wanted", async (t) => {
    const client = await it.connect(t);
    await client.request(["POST /length HTTP/1.1", "Host: h", "Content-Length: 5", "Expect: 100-continue"]);
    assert.equal((await client.response()).status, 100);
    await client.send("hello");
    assert.equal((await client.response()).body, "5");
  });

  test("Expect: 100-continue is not answered when it is not", async (t) => {
    const client = await it.connect(t);
    await client.request(["POST /ignore HTTP/1.1", "Host: h", "Content-Length: 5", "Expect: 100-continue"]);
    const response = await client.response();
    assert.equal(response.status, 200);
    assert.equal(response.body, "ignored");
  });

  test("HEAD has the fields and no body", async (t) => {
    const client = await it.connect(t);
    for (const path of ["/", "/pieces"]) {
      await client.request([`HEAD ${path} HTTP/1.1`, "Host: h"]);
      const response = await client.response({ to: "HEAD" });
      assert.equal(response.status, 200);
      if (path === "/") assert.deepEqual(response.fields.get("content-length"), ["5"]);
    }
    await client.request(["GET / HTTP/1.1", "Host: h"]);
    assert.equal((await client.response()).body, "hello");
  });

  test("204 and 304 have neither body nor framing", async (t) => {
    const client = await it.connect(t);
    for (const status of [204, 304]) {
      await client.request([`GET /status?code=${status} HTTP/1.1`, "Host: h"]);
      const response = await client.response();
      assert.equal(response.status, status);
      assert.equal(response.fields.get("content-length"), undefined);
      assert.equal(response.fields.get("transfer-encoding"), undefined);
    }
    await client.request(["GET / HTTP/1.1", "Host: h"]);
    assert.equal((await client.response()).body, "hello");
  });

  test("an unread body does not disturb the next request", async (t) => {
    const client = await it.connect(t);
    for (let i = 0; i < 3; ++i) {
      await client.request(["POST /ignore HTTP/1.1", "Host: h", "Content-Length: 100000"], "x".repeat(100_000));
      assert.equal((await client.response()).body, "ignored");
    }
  });

  test("IPv6 and IPv4 alike", async (t) => {
    for (const host of ["::1", "127.0.0.1"]) {
      const client = await it.connect(t, host);
      await client.request(["GET / HTTP/1.1", "Host: [::1]:80"]);
      assert.equal((await client.response()).body, "hello");
    }
  });

  test("an absolute target counts, not the Host field", async (t) => {
    const client = await it.connect(t);
    await client.request(["GET http://b.example/seen?x HTTP/1.1", "Host: a.example"]);
    assert.equal((await client.response()).body, "GET http://b.example/seen?x");
  });
});

describe("what is refused, and how", () => {
  const it = server();
  const cases = [
    [400, "no Host", ["GET / HTTP/1.1"]],
    [400, "two Hosts", ["GET / HTTP/1.1", "Host: a", "Host: b"]],
    [400, "a bad method", ["G@T / HTTP/1.1", "Host: h"]],
    [400, "no version", ["GET /", "Host: h"]],
    [400, "a space before a colon", ["GET / HTTP/1.1", "Host: h", "A : b"]],
    [400, "a folded line", ["GET / HTTP/1.1", "Host: h", "A: b", " c"]],
    [400, "a bare LF", ["GET / HTTP/1.1\nHost: h"]],
    [400, "a NUL in a field", ["GET / HTTP/1.1", "Host: h", "A: \0"]],
    [400, "a bare CR in a field", ["GET / HTTP/1.1", "Host: h", "A: b\rC: d"]],
    [505, "HTTP/2.0", ["GET / HTTP/2.0", "Host: h"]],
    [501, "CONNECT", ["CONNECT h:443 HTTP/1.1", "Host: h:443"]],
    [501, "an unknown transfer coding", ["POST / HTTP/1.1", "Host: h", "Transfer-Encoding: gzip, chunked"]],
    [414, "a target of 20 kB", [`GET /${"x".repeat(20_000)} HTTP/1.1`, "Host: h"]],
    [431, "fields of 200 kB", ["GET / HTTP/1.1", "Host: h", `A: ${"x".repeat(200_000)}`]],
    [431, "a thousand fields", ["GET / HTTP/1.1", "Host: h", ...Array(1000).fill("A: b")]],
    [413, "a body announced with 1 GiB", ["POST /length HTTP/1.1", "Host: h", `Content-Length: ${2 ** 30}`]],
    [426, "WebSocket version 12", ["GET / HTTP/1.1", "Host: h", "Connection: upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]],
    // Two readings of where a message ends are how requests are smuggled past a proxy.
    [400, "Content-Length and Transfer-Encoding", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: 4", "Transfer-Encoding: chunked"]],
    [400, "two different Content-Lengths", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: 4", "Content-Length: 5"]],
    [400, "a list of Content-Lengths", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: 4, 5"]],
    [400, "a signed Content-Length", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: +4"]],
    [400, "a hexadecimal Content-Length", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: 0x4"]],
    [413, "a Content-Length past 2^64", ["POST /echo HTTP/1.1", "Host: h", "Content-Length: 18446744073709551617"]],
    [501, "chunked twice", ["POST /echo HTTP/1.1", "Host: h", "Transfer-Encoding: chunked, chunked"]],
    [501, "chunked, then identity", ["POST /echo HTTP/1.1", "Host: h", "Transfer-Encoding: chunked, identity"]],
    [400, "chunked with a vertical tab", ["POST /echo HTTP/1.1", "Host: h", "Transfer-Encoding: \x0bchunked"]],
    [400, "chunked in HTTP/1.0", ["POST /echo HTTP/1.0", "Host: h", "Transfer-Encoding: chunked"]],
  ];
  for (const [status, name, lines] of cases) {
    test(`${status}: ${name}`, async (t) => {
      const client = await it.connect(t);
      // What follows would be the smuggled request.
      await client.request(lines, "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
      const response = await client.response();
      assert.equal(response.status, status, `${response.raw}\n${response.body}`);
      assert.deepEqual(response.fields.get("connection"), ["close"]);
      assert.equal(await client.closed, "end");
      assert.equal(client.received.length, 0, "nothing follows");
    });
  }

  const chunkCases = [
    ["a size that is none", "zz\r\nabc\r\n0\r\n\r\n"],
    ["a size past 2^64", "10000000000000003\r\nabc\r\n0\r\n\r\n"],
    ["a negative size", "-3\r\nabc\r\n0\r\n\r\n"],
    ["a bare LF after the size", "3\nabc\r\n0\r\n\r\n"],
    ["a chunk longer than its size", "3\r\nabcdef\r\n0\r\n\r\n"],
    ["a space before the size", " 3\r\nabc\r\n0\r\n\r\n"],
  ];
  for (const [name, body] of chunkCases) {
    test(`400: in chunks, ${name}`, async (t) => {
      const client = await it.connect(t);
      await client.request(["POST /length HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"], body);
      const response = await client.response();
      assert.equal(response.status, 400);
      assert.equal(await client.closed, "end");
    });
  }

  test("413: chunks beyond 100 MiB", { timeout: 60_000 }, async (t) => {
    const client = await it.connect(t);
    await client.request(["POST /length HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"]);
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1 << 20, "x"), Buffer.from("\r\n")]);
    for (let i = 0; i < 101; ++i) {
      await client.send(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await client.response()).status, 413);
    await client.closed;
  });
});

describe("slow clients are not waited for", { concurrency: true }, () => {
  const it = server();

  test("408: a head that is never complete", { timeout: 60_000 }, async (t) => {
    const client = await it.connect(t);
    await client.send("GET / HTTP/1.1\r\nHost: h\r\n");
    const dripping = setInterval(() => client.send("A: b\r\n"), 2000);
    try {
      assert.equal((await client.response({ seconds: 45 })).status, 408);
    } finally {
      clearInterval(dripping);
    }
  });

  test("408: a body that stops coming", { timeout: 60_000 }, async (t) => {
    const client = await it.connect(t);
    await client.request(["POST /length HTTP/1.1", "Host: h", "Content-Length: 10"], "12345");
    assert.equal((await client.response({ seconds: 45 })).status, 408);
    assert.equal(await client.closed, "end");
  });

  test("others are answered meanwhile", async () => {
    for (let i = 0; i < 10; ++i) assert.equal(await it.get("/"), "hello");
  });
});

describe("back-pressure", () => {
  const it = server();

  test("an endless response grows nothing when nobody reads it", { timeout: 60_000 }, async (t) => {
    await it.get("/reset");
    const clients = await Promise.all(Array.from({ length: 20 }, () => it.connect(t)));
    for (const client of clients) {
      client.socket.pause();
      await client.request(["GET /endless?name=e HTTP/1.1", "Host: h"]);
    }
    const engine = it.session.engine();
    // Until the pipes are full: the figure stands still.
    let before = 0;
    await until(async () => {
      const now = residentMiB(engine);
      const still = Math.abs(now - before) < 1;
      before = now;
      await sleep(250);
      return still;
    }, "the pipes are full");
    await sleep(1000);
    assert.ok(residentMiB(engine) - before < 10, `${before} MiB, then ${residentMiB(engine)} MiB`);
    for (const client of clients) client.destroy();
    await until(async () => (await it.get("/events")).split("e canceled").length === 21, "the worker hears of all that left");
  });

  test("what a slow reader gets is right", { timeout: 60_000 }, async (t) => {
    const client = await it.connect(t);
    await client.request(["GET /endless?name=slow HTTP/1.1", "Host: h"]);
    await client.head();
    let bytes = 0;
    for (let i = 0; i < 100; ++i) {
      const chunk = await client.chunk();
      assert.ok(chunk.every((byte) => byte === 120));
      bytes += chunk.length;
      if (i % 25 === 0) {
        client.socket.pause();
        await sleep(50);
        client.socket.resume();
      }
    }
    assert.ok(bytes >= 100);
  });

  test("a worker that does not read stops the client", { timeout: 60_000 }, async (t) => {
    await it.get("/reset");
    const client = await it.connect(t);
    const size = 64 << 20;
    await client.request(["POST /hesitate HTTP/1.1", "Host: h", `Content-Length: ${size}`]);
    const engine = it.session.engine();
    const before = residentMiB(engine);
    const piece = Buffer.alloc(1 << 20, "x");
    let sent = 0;
    const all = (async () => {
      for (; sent < size; sent += piece.length) await client.send(piece);
    })();
    await it.event("read a piece");
    let last = -1;
    await until(async () => {
      const still = sent === last;
      last = sent;
      await sleep(300);
      return still;
    }, "the client is stopped");
    assert.ok(sent < 24 << 20, `${sent} bytes were taken`);
    assert.ok(residentMiB(engine) - before < 16);
    await it.get("/open");
    await all;
    assert.equal((await client.response()).body, String(size));
  });

  test("100 big uploads at once", { timeout: 90_000 }, async () => {
    const engine = it.session.engine();
    const before = residentMiB(engine);
    const body = Buffer.alloc(1 << 20, "y");
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ask(it.session.port, "/length", { method: "POST", body })),
    );
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)), new Set([`200 ${1 << 20}`]));
    assert.ok(residentMiB(engine) - before < 350, `${before} MiB, then ${residentMiB(engine)} MiB`);
    const echoes = await Promise.all(
      Array.from({ length: 100 }, () => ask(it.session.port, "/echo", { method: "POST", body })),
    );
    assert.ok(echoes.every(({ text }) => text === body.toString()));
  });
});

describe("clients that go away", () => {
  const it = server("--isolate-idle", "300");

  for (const how of ["destroy", "reset"]) {
    test(`in the middle of a response (${how})`, async (t) => {
      await it.get("/reset");
      const client = await it.connect(t);
      await client.request([`GET /endless?name=${how} HTTP/1.1`, "Host: h"]);
      await client.head();
      await client.chunk();
      client[how]();
      await it.event(`${how} canceled`);
    });

    test(`in the middle of a request (${how})`, async (t) => {
      await it.get("/reset");
      const client = await it.connect(t);
      await client.request(["POST /broken-body HTTP/1.1", "Host: h", "Content-Length: 1000"], "12345");
      client[how]();
      await it.event("body broke");
    });
  }

  test("leave nothing behind: the isolate is idle and put away", { timeout: 60_000 }, async (t) => {
    const born = await it.get("/born");
    const clients = await Promise.all(Array.from({ length: 50 }, () => it.connect(t)));
    await Promise.all(
      clients.map(async (client, i) => {
        await client.request([`${i % 2 ? "GET /endless?name=x" : "POST /echo"} HTTP/1.1`, "Host: h", ...(i % 2 ? [] : ["Content-Length: 1000"])], i % 2 ? "" : "12345");
        await client.head();
        client.destroy();
      }),
    );
    await until(async () => {
      await sleep(2500); // nobody asks: housekeeping looks once in a second
      return (await it.get("/born")) !== born;
    }, "the isolate was put away");
  });
});

describe("a drain", () => {
  test("finishes what is in flight, closes what is idle, refuses nobody in between", async (t) => {
    const session = await serve(t, wire, "--threads", "2");
    const connect = async () => (await RawClient.connect(session.port)).closeAfter(t);
    const [idle, waiting, uploading, streaming] = await Promise.all([connect(), connect(), connect(), connect()]);
    await idle.request(["GET / HTTP/1.1", "Host: h"]);
    await idle.response();
    await uploading.request(["POST /length HTTP/1.1", "Host: h", "Content-Length: 10"], "12345");
    await streaming.request(["POST /echo HTTP/1.1", "Host: h", "Content-Length: 10"], "12345");
    await streaming.head();
    // Each loop has a worker of its own, so /wait is given its time by a timer.
    await waiting.request(["GET /pieces HTTP/1.1", "Host: h"]);
    await waiting.head();
    const ended = session.stop("SIGTERM");
    assert.equal(await idle.closed, "end");
    await uploading.send("67890");
    const uploaded = await uploading.response();
    assert.equal(uploaded.body, "10");
    await streaming.send("67890");
    assert.equal(await streaming.closed, "end");
    assert.match(streaming.received.toString(), /12345.*67890/s);
    assert.equal(await waiting.closed, "end");
    assert.match(waiting.received.toString(), /one.*two.*three.*\r\n0\r\n\r\n$/s);
    assert.equal(await ended, 0);
  });
});
