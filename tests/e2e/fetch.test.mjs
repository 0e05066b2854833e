// fetch() from a worker, to a server that shows what arrives.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { compressible, Origin } from "../support/origin.mjs";
import { RawClient } from "../support/raw_client.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, residentMiB, root, serve, until } from "../support/selvage.mjs";

const fetcher = join(root, "tests/tenants/fetcher");

describe("fetch", () => {
  const suite = lifetime();
  let origin, other, session;
  before(async () => {
    [origin, other] = await Promise.all([Origin.start(suite), Origin.start(suite)]);
    session = await serve(suite, fetcher, "--threads", "1", "--allow-private-network");
  });

  /** What the worker got for fetch(url, init). */
  const fetched = async (url, init, more = {}) => {
    const { text } = await ask(session.port, "/describe", { method: "POST", body: JSON.stringify({ url, init, ...more }) });
    return JSON.parse(text);
  };
  /** Until the origin sees that the exchange for `path` is over. */
  const closed = async (path) => {
    let over = false;
    origin.last(path).closed.then(() => (over = true));
    await until(() => over, `the connection for ${path} is closed`, 10);
  };
  /** What arrived at the origin. */
  const arrived = async (path, init, more) => JSON.parse((await fetched(origin.url + path, init, more)).text);

  describe("what is sent", () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"]) {
      test(method, async () => assert.equal((await arrived("/echo", { method })).method, method));
    }

    test("HEAD, which has no body to show", async () => {
      const got = await fetched(`${origin.url}/echo`, { method: "HEAD" });
      assert.equal(got.status, 200);
      assert.equal(got.text, "");
      assert.equal(origin.last("/echo").method, "HEAD");
    });

    test("headers, and those that are added", async () => {
      const { headers, names } = await arrived("/echo?a=%20b", { headers: { "X-One": "1", Cookie: "c=d", "User-Agent": "mine" } });
      assert.equal(headers["x-one"], "1");
      assert.equal(headers.cookie, "c=d");
      assert.equal(headers["user-agent"], "mine");
      assert.equal(headers.host, `127.0.0.1:${origin.port}`);
      assert.match(headers["accept-encoding"], /gzip/);
      assert.equal(names.filter((name) => /^host$/i.test(name)).length, 1);
    });

    test("the path and query as they are", async () => {
      assert.equal((await arrived("/echo?q=%C3%A4&r=a+b#fragment")).url, "/echo?q=%C3%A4&r=a+b");
    });

    const bodies = [
      ["a string", "häl€o", "häl€o", "text/plain;charset=UTF-8"],
      ["bytes", { type: "bytes", bytes: [104, 105] }, "hi", undefined],
      ["a stream", { type: "stream", pieces: ["one", "two", "three"] }, "onetwothree", undefined],
      ["URLSearchParams", { type: "params", params: { a: "1 2" } }, "a=1+2", "application/x-www-form-urlencoded;charset=UTF-8"],
    ];
    for (const [name, body, expected, type] of bodies) {
      for (const asRequest of [false, true]) {
        test(`${name} as the body${asRequest ? " of a Request" : ""}`, async () => {
          const seen = await arrived("/echo", { method: "POST", body }, { asRequest });
          assert.equal(seen.body, expected);
          assert.equal(seen.headers["content-type"], type);
          if (name === "a stream") assert.equal(seen.headers["transfer-encoding"], "chunked");
          else assert.equal(seen.headers["content-length"], String(Buffer.byteLength(expected)));
        });
      }
    }

    test("a form", async () => {
      const seen = await arrived("/echo", { method: "POST", body: { type: "form", fields: [["a", "1"]] } });
      assert.match(seen.headers["content-type"], /^multipart\/form-data; ?boundary=/);
      assert.match(seen.body, /name="a"\r\n\r\n1\r\n/);
    });

    test("a string of 5 MB", async () => {
      assert.equal((await arrived("/echo", { method: "POST", body: "x".repeat(5_000_000) })).body.length, 5_000_000);
    });

    test("an incoming request, passed on", async () => {
      const { text } = await ask(session.port, `/forward?to=${origin.url}/echo`, {
        method: "PUT", body: "passed on", headers: { "X-From": "client", "Content-Type": "text/x" },
      });
      const seen = JSON.parse(text);
      assert.equal(seen.method, "PUT");
      assert.equal(seen.body, "passed on");
      assert.equal(seen.headers["x-from"], "client");
      assert.equal(seen.headers["content-type"], "text/x");
      assert.equal(seen.headers.host, `127.0.0.1:${origin.port}`);
    });
  });

  describe("what is received", () => {
    test("status, reason and fields", async () => {
      for (const code of [200, 201, 204, 304, 404, 500]) {
        const got = await fetched(`${origin.url}/status?code=${code}`);
        assert.equal(got.status, code);
        assert.equal(got.ok, code < 300);
        assert.equal(got.statusText, "Some Reason");
        assert.deepEqual(got.headers.find(([name]) => name === "x-kept"), ["x-kept", "yes"]);
        assert.equal(got.text, [204, 304].includes(code) ? "" : "body");
        assert.equal(got.redirected, false);
        assert.equal(got.url, `${origin.url}/status?code=${code}`);
      }
    });

    test("each Set-Cookie", async () => {
      const got = await fetched(`${origin.url}/cookies`);
      assert.deepEqual(got.headers.filter(([name]) => name === "set-cookie"), [["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    });

    for (const coding of ["gzip", "br"]) {
      test(`${coding}, decoded`, async () => assert.equal((await fetched(`${origin.url}/${coding}`)).text, compressible));
    }

    test("broken gzip is an error", async () => {
      const got = await fetched(`${origin.url}/broken-gzip`);
      assert.equal(got.got, "head");
      assert.ok(got.error);
    });

    test("a body that breaks off is an error", async () => {
      const got = await fetched(`${origin.url}/cut`);
      assert.equal(got.got, "head");
      assert.ok(got.error);
    });

    test("a connection that breaks before any answer is an error", async () => {
      const got = await fetched(`${origin.url}/no-answer`);
      assert.equal(got.got, "nothing");
      assert.ok(got.error);
    });

    test("a refused connection is an error that names it", async () => {
      const closed = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => closed.on("listening", resolve));
      const { port } = closed.address();
      await new Promise((resolve) => closed.close(resolve));
      const got = await fetched(`http://127.0.0.1:${port}/`);
      assert.equal(got.got, "nothing");
      assert.match(got.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
      assert.match(got.message, /refused/i);
    });

    test("a host that does not exist is an error that names it", async () => {
      const got = await fetched("http://does-not-exist.invalid/");
      assert.equal(got.got, "nothing");
      assert.match(got.message, /does-not-exist\.invalid/);
    });

    test("a hundred at once", async () => {
      const { text } = await ask(session.port, `/many?to=${origin.url}/echo`);
      const answers = JSON.parse(text).map((each) => JSON.parse(each).url);
      assert.deepEqual(answers, Array.from({ length: 100 }, (_, i) => `/echo?${i}`));
    });

    test("in waitUntil, after the answer", async () => {
      assert.equal((await ask(session.port, `/background?to=${origin.url}/cookies`)).text, "started");
      await until(async () => (await session.get("/events")) === '["cookies"]', "the background fetch ends");
    });
  });

  describe("redirects", () => {
    const rules = [
      // status, method, method afterwards
      [301, "GET", "GET"], [302, "GET", "GET"], [303, "GET", "GET"], [307, "GET", "GET"], [308, "GET", "GET"],
      [301, "POST", "GET"], [302, "POST", "GET"], [303, "POST", "GET"], [307, "POST", "POST"], [308, "POST", "POST"],
      [301, "PUT", "PUT"], [302, "PUT", "PUT"], [303, "PUT", "GET"], [307, "PUT", "PUT"],
    ];
    for (const [status, method, afterwards] of rules) {
      test(`${status} turns ${method} into ${afterwards}`, async () => {
        const init = { method, ...(method === "GET" ? {} : { body: "kept?" }) };
        const got = await fetched(`${origin.url}/redirect?status=${status}&to=/echo`, init);
        const seen = JSON.parse(got.text);
        assert.equal(seen.method, afterwards);
        assert.equal(seen.body, afterwards === "GET" ? "" : "kept?");
        if (afterwards === "GET") assert.equal(seen.headers["content-type"], undefined);
        assert.equal(got.redirected, true);
        assert.equal(got.url, `${origin.url}/echo`);
      });
    }

    test("20 are followed", async () => {
      assert.equal((await fetched(`${origin.url}/hops?n=20`)).status, 200);
    });

    test("21 are too many", async () => {
      const got = await fetched(`${origin.url}/hops?n=21`);
      assert.equal(got.error, "TypeError");
      assert.match(got.message, /Too many redirects/);
    });

    test("manual ones are shown", async () => {
      const got = await fetched(`${origin.url}/redirect?status=302&to=/echo`, { redirect: "manual" });
      assert.equal(got.status, 302);
      assert.deepEqual(got.headers.find(([name]) => name === "location"), ["location", "/echo"]);
    });

    test("a stream is not sent twice", async () => {
      const got = await fetched(`${origin.url}/redirect?status=307&to=/echo`, { method: "POST", body: { type: "stream", pieces: ["a"] } });
      assert.equal(got.error, "TypeError");
      assert.match(got.message, /one-time-use body/);
    });

    test("credentials stay within the origin", async () => {
      const headers = { Authorization: "secret", Cookie: "secret", "Proxy-Authorization": "secret", "X-Other": "kept" };
      const same = JSON.parse((await fetched(`${origin.url}/redirect?to=/echo`, { headers })).text);
      assert.equal(same.headers.authorization, "secret");
      assert.equal(same.headers.cookie, "secret");
      const crossed = JSON.parse((await fetched(`${origin.url}/redirect?to=${other.url}/echo`, { headers })).text);
      assert.equal(crossed.headers.host, `127.0.0.1:${other.port}`);
      assert.equal(crossed.headers["x-other"], "kept");
      for (const name of ["authorization", "cookie", "proxy-authorization"]) assert.equal(crossed.headers[name], undefined, name);
    });

    test("to another scheme is an error", async () => {
      const got = await fetched(`${origin.url}/redirect?to=file:///etc/passwd`);
      assert.equal(got.error, "TypeError");
    });
  });

  describe("abort", () => {
    test("before it starts", async () => {
      const sofar = origin.requests.length;
      const got = await fetched(`${origin.url}/echo`, {}, { abort: { after: 0 } });
      assert.equal(got.error, "AbortError");
      assert.equal(origin.requests.length, sofar);
    });

    test("while the answer is awaited: the connection is closed", async () => {
      const got = await fetched(`${origin.url}/hang`, {}, { abort: { after: 20 } });
      assert.equal(got.error, "AbortError");
      await closed("/hang");
    });

    test("with a reason of one's own", async () => {
      const got = await fetched(`${origin.url}/hang`, {}, { abort: { after: 20, reason: "enough" } });
      assert.equal(got.message, "enough");
    });

    test("AbortSignal.timeout", async () => {
      const got = await fetched(`${origin.url}/hang`, {}, { abort: { timeout: 20 } });
      assert.equal(got.error, "TimeoutError");
    });

    test("while the body is read: the connection is closed", async () => {
      const got = await fetched(`${origin.url}/half`, {}, { abort: { after: 100 } });
      assert.equal(got.got, "head");
      assert.equal(got.error, "AbortError");
      await closed("/half");
    });

    test("by the client's leaving: the connection is closed", async (t) => {
      const client = (await RawClient.connect(session.port)).closeAfter(t);
      const before = origin.requests.length;
      await client.request([`GET /pass?to=${origin.url}/hang HTTP/1.1`, "Host: h"]);
      await until(() => origin.requests.length > before, "it is asked");
      client.destroy();
      await closed("/hang");
    });

    test("a body that nobody reads is let go with its request", async () => {
      assert.equal((await ask(session.port, `/abandon?to=${origin.url}/half`)).text, "abandoned");
      await closed("/half");
    });
  });

  describe("passing a response through", () => {
    test("as it is", async () => {
      const got = await ask(session.port, `/pass?to=${origin.url}/status?code=404`);
      assert.equal(got.status, 404);
      assert.equal(got.headers["x-kept"], "yes");
      assert.equal(got.text, "body");
    });

    test("a compressed one", async () => {
      const got = await ask(session.port, `/pass?to=${origin.url}/gzip`);
      assert.equal(got.headers["content-encoding"], undefined);
      assert.equal(got.text, compressible);
    });

    test("a large one, at the client's pace", { timeout: 60_000 }, async (t) => {
      const size = 128 << 20;
      const engine = session.engine();
      const before = residentMiB(engine);
      const client = (await RawClient.connect(session.port)).closeAfter(t);
      client.socket.pause();
      await client.request([`GET /pass?to=${encodeURIComponent(`${origin.url}/big?bytes=${size}`)} HTTP/1.1`, "Host: h"]);
      let last = -1;
      await until(async () => {
        const still = origin.bytes === last && last > 0;
        last = origin.bytes;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return still;
      }, "the origin is stopped");
      // The sockets' buffers take their part: up to what the system lets them grow to.
      assert.ok(origin.bytes < size * 0.75, `${origin.bytes} bytes were taken`);
      assert.ok(residentMiB(engine) - before < 16);
      // The rest, counted as it comes.
      client.socket.removeAllListeners("data");
      let bytes = client.received.length;
      let head = client.received;
      client.socket.on("data", (data) => {
        if (head.length === 0) head = data;
        bytes += data.length;
      });
      client.socket.resume();
      await until(() => bytes >= size, "all of it", 60);
      const headSize = head.indexOf("\r\n\r\n") + 4;
      assert.match(head.toString("latin1", 0, headSize), new RegExp(`content-length: ${size}`, "i"));
      await until(() => bytes === size + headSize, "exactly all of it");
      assert.ok(residentMiB(engine) - before < 32);
    });
  });
});

describe("the private network", () => {
  test("is refused by serve, with the remedy", async (t) => {
    const origin = await Origin.start(t);
    const session = await serve(t, fetcher, "--threads", "1");
    const places = [origin.url, `http://localhost:${origin.port}`, `http://[::1]:${origin.port}`, "http://10.0.0.1", "http://169.254.169.254", `http://[::ffff:127.0.0.1]:${origin.port}`, `http://0x7f000001:${origin.port}`];
    for (const place of places) {
      const { text } = await ask(session.port, "/describe", { method: "POST", body: JSON.stringify({ url: `${place}/echo` }) });
      const got = JSON.parse(text);
      assert.equal(got.got, "nothing", place);
      assert.match(got.message, /--allow-private-network/, place);
    }
    assert.equal(origin.requests.length, 0);
  });
});
