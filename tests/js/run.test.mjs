// The conformance cases, one test each, and what only shows from outside: requests over a socket.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSelvage } from "./server.mjs";
import { exchange, header } from "./wire.mjs";

const project = fileURLToPath(new URL(".", import.meta.url));
const server = await startSelvage(project);
const results = await (await fetch(`${server.url}/run`)).json();

after(() => server.stop());

for (const suite of new Set(results.map((result) => result.suite))) {
  describe(suite, () => {
    for (const result of results.filter((one) => one.suite === suite)) {
      test(result.name, () => assert.ok(result.passed, result.message));
    }
  });
}

describe("over a socket", () => {
  const get = (path, init) => fetch(server.url + path, init);
  const post = (path, body, headers = {}) => get(path, { method: "POST", body, headers });
  before(() => assert.ok(results.length > 150, "the cases ran"));

  test("method, url and headers", async () => {
    const seen = await (await get("/describe?a=%20b", { headers: { "X-One": "1" } })).json();
    assert.equal(seen.method, "GET");
    assert.equal(seen.url, `${server.url}/describe?a=%20b`);
    assert.equal(seen.headers["x-one"], "1");
    assert.equal(seen.redirect, "manual");
    assert.equal(seen.hasBody, false);
    assert.equal(seen.hasCf, true);
  });

  test("repeated headers are joined", async () => {
    const answer = await exchange(server.port, ["GET /describe HTTP/1.1", "Host: h", "X-A: 1", "x-a: 2"]);
    assert.equal(JSON.parse(answer.body).headers["x-a"], "1, 2");
  });

  test("header values are UTF-8 on the wire", async () => {
    const euro = Buffer.from("€").toString("latin1");
    const answer = await exchange(server.port, ["GET /describe HTTP/1.1", "Host: h", `X-A: ${euro}`]);
    assert.equal(JSON.parse(answer.body).headers["x-a"], "€");
    assert.deepEqual(header(await exchange(server.port, ["GET /cookies HTTP/1.1", "Host: h"]), "x-euro"), [euro]);
  });

  test("a Set-Cookie line for each cookie", async () => {
    const answer = await exchange(server.port, ["GET /cookies HTTP/1.1", "Host: h"]);
    assert.deepEqual(header(answer, "set-cookie"), ["a=1", "b=2"]);
  });

  test("incoming headers are immutable", async () => {
    assert.equal(await (await get("/immutable")).text(), "TypeError: Can't modify immutable headers.");
  });

  const large = "0123456789ä".repeat(100000);
  for (const [name, body] of [["small", "häl€o"], ["empty", ""], ["large", large]]) {
    test(`a ${name} body, there and back`, async () => {
      for (const path of ["/echo", "/echo-bytes", "/echo-stream"]) {
        const answer = await (await post(path, body)).text();
        assert.ok(answer === body, `${path}: ${answer.length} of ${body.length} characters`);
      }
      assert.ok((await (await post("/echo-clone", body)).text()) === `${body}|${body}`);
    });
  }

  test("a chunked body, there and back", async () => {
    const body = () =>
      new ReadableStream({
        async start(controller) {
          for (let i = 0; i < 20; i++) {
            controller.enqueue(new TextEncoder().encode(`${i},`));
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          controller.close();
        },
      });
    const expected = Array.from({ length: 20 }, (_, i) => `${i},`).join("");
    for (const path of ["/echo", "/echo-bytes", "/echo-stream"]) {
      const answer = await get(path, { method: "POST", body: body(), duplex: "half" });
      assert.equal(await answer.text(), expected, path);
    }
  });

  test("JSON and forms", async () => {
    assert.deepEqual(await (await post("/echo-json", '{"a":[1,"ä"]}')).json(), { a: [1, "ä"] });
    const form = new FormData();
    form.append("a", "1");
    form.append("f", new File(["content"], "f.txt", { type: "text/x" }));
    assert.deepEqual(await (await post("/echo-form", form)).json(), [["a", "1"], ["f", ["f.txt", "text/x", "content"]]]);
    assert.deepEqual(await (await post("/echo-form", new URLSearchParams({ b: "ä b" }))).json(), [["b", "ä b"]]);
  });

  test("a transformed stream", async () => {
    assert.equal(await (await post("/upper", "häl")).text(), "HÄL");
  });

  test("a stream of known length has a Content-Length", async () => {
    const answer = await exchange(server.port, ["GET /fixed HTTP/1.1", "Host: h"]);
    assert.deepEqual(header(answer, "content-length"), ["10"]);
    assert.equal(answer.body.toString(), "0123456789");
  });

  test("a stream of unknown length arrives whole", async () => {
    const lines = (await (await get("/stream")).text()).split("\n");
    assert.equal(lines.length, 1001);
    assert.equal(lines[999], "line 999");
  });

  test("bytes and types", async () => {
    const answer = await get("/bytes");
    assert.equal(answer.headers.get("content-type"), null);
    assert.deepEqual([...new Uint8Array(await answer.arrayBuffer())], [0, 1, 254, 255]);
    assert.equal((await get("/echo", { method: "POST", body: "x" })).headers.get("content-type"), "text/plain;charset=UTF-8");
  });

  test("statuses", async () => {
    for (const code of [200, 201, 204, 301, 304, 404, 418, 500, 599]) {
      const answer = await exchange(server.port, [`GET /status?code=${code} HTTP/1.1`, "Host: h"]);
      assert.equal(answer.status, code);
      assert.equal(answer.body.toString(), [204, 304].includes(code) ? "" : "body");
    }
  });
});
