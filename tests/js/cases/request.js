import { describe, equal, ok, rejects, test, throws, utf8 } from "../harness.js";

describe("request");

test("defaults", () => {
  const request = new Request("http://example.com");
  equal(request.url, "http://example.com/");
  equal(request.method, "GET");
  equal([...request.headers], []);
  equal(request.body, null);
  equal(request.bodyUsed, false);
  equal(request.redirect, "follow");
  ok(request.signal instanceof AbortSignal);
  ok(request.signal === request.signal);
});

test("url: parsed, from any object, with its fragment", () => {
  equal(new Request("HTTP://Example.COM:80/a/../b?q=ä").url, "http://example.com/b?q=%C3%A4");
  equal(new Request(new URL("http://a/b")).url, "http://a/b");
  equal(new Request({ toString: () => "http://a/c" }).url, "http://a/c");
  equal(new Request("http://a/#f").url, "http://a/#f");
  throws(() => new Request("/relative"), TypeError, "Invalid URL");
  throws(() => new Request(), TypeError);
});

test("method", () => {
  equal(new Request("http://a", { method: "post" }).method, "POST");
  equal(new Request("http://a", { method: "PATCH" }).method, "PATCH");
  throws(() => new Request("http://a", { method: "a b" }), TypeError, "Invalid HTTP method");
  throws(() => new Request("http://a", { method: "CONNECT" }), TypeError, "Invalid HTTP method");
});

test("body and its type", async () => {
  const type = (body, headers) =>
    new Request("http://a", { method: "POST", body, headers }).headers.get("content-type");
  equal(type("text"), "text/plain;charset=UTF-8");
  equal(type(new URLSearchParams()), "application/x-www-form-urlencoded;charset=UTF-8");
  equal(type(new Blob([], { type: "a/b" })), "a/b");
  equal(type(new Blob([])), null);
  equal(type(utf8("x")), null);
  equal(type("text", { "Content-Type": "own/type" }), "own/type");
  equal(await new Request("http://a", { method: "POST", body: "text" }).text(), "text");
  for (const method of ["GET", "HEAD"]) {
    throws(() => new Request("http://a", { method, body: "x" }), TypeError, "cannot have a body");
  }
});

test("from another request", async () => {
  const first = new Request("http://a/", { method: "POST", headers: { x: "1" }, body: "abc", redirect: "manual" });
  const second = new Request(first, { headers: { y: "2" } });
  equal(second.method, "POST");
  equal(second.redirect, "manual");
  equal(second.headers.get("x"), null);
  equal(second.headers.get("y"), "2");
  equal(await second.text(), "abc");
  equal(first.bodyUsed, true);
  throws(() => new Request(first), TypeError, "used body");
  equal(await new Request(first, { body: "new" }).text(), "new");
});

test("headers of the copy are its own", () => {
  const first = new Request("http://a/", { headers: { x: "1" } });
  const second = new Request(first);
  second.headers.set("x", "2");
  equal([first.headers.get("x"), second.headers.get("x")], ["1", "2"]);
});

test("clone()", async () => {
  const request = new Request("http://a/", { method: "PUT", body: "abc", headers: { x: "1" } });
  const copy = request.clone();
  copy.headers.set("x", "2");
  equal([request.headers.get("x"), copy.headers.get("x")], ["1", "2"]);
  equal(copy.method, "PUT");
  equal(await request.text(), "abc");
  equal(await copy.text(), "abc");
  throws(() => request.clone(), TypeError);
});

test("redirect, cache, signal, cf", () => {
  equal(new Request("http://a", { redirect: "manual" }).redirect, "manual");
  throws(() => new Request("http://a", { redirect: "error" }), TypeError, "Invalid redirect value");
  throws(() => new Request("http://a", { redirect: "x" }), TypeError);
  equal(new Request("http://a", { cache: "no-store" }).cache, "no-store");
  throws(() => new Request("http://a", { cache: "force-cache" }), TypeError, "Unsupported cache mode");
  throws(() => new Request("http://a", { signal: 5 }), TypeError);
  const controller = new AbortController();
  const request = new Request("http://a", { signal: controller.signal });
  controller.abort("why");
  equal([request.signal.aborted, request.signal.reason], [true, "why"]);
  equal(new Request("http://a", { cf: { colo: "X" } }).cf, { colo: "X" });
});

test("init is an object", () => {
  equal(new Request("http://a", undefined).method, "GET");
  throws(() => new Request("http://a", 5), TypeError);
});

test("a stream as body", async () => {
  const request = new Request("http://a", { method: "POST", body: ReadableStream.from([utf8("a"), utf8("b")]) });
  equal(await request.text(), "ab");
  await rejects(request.text(), TypeError);
});

test("subclasses", async () => {
  class Own extends Request {
    get mine() {
      return `${this.method} ${this.url}`;
    }
  }
  const own = new Own("http://a/", { method: "POST", body: "x" });
  equal(own.mine, "POST http://a/");
  equal(await own.text(), "x");
  ok(own instanceof Request);
});

test("attributes are enumerable through the prototype", () => {
  const keys = new Set();
  for (const key in new Request("http://a")) keys.add(key);
  for (const key of ["method", "url", "headers", "redirect", "signal", "cf", "body", "bodyUsed", "text", "json", "clone"]) {
    ok(keys.has(key), key);
  }
});
