import { describe, equal, ok, test, throws, utf8 } from "../harness.js";

describe("response");

test("defaults", () => {
  const response = new Response();
  equal([response.status, response.statusText, response.ok, response.body], [200, "OK", true, null]);
  equal([response.redirected, response.url, response.type, response.webSocket], [false, "", "default", null]);
  equal([...response.headers], []);
});

test("status", () => {
  equal(new Response("", { status: 404 }).status, 404);
  equal(new Response("", { status: 404 }).ok, false);
  equal(new Response("", { status: 299 }).ok, true);
  equal(new Response("", { status: "201" }).status, 201);
  equal(new Response("", { status: 200.9 }).status, 200);
  for (const status of [0, 99, 101, 199, 600, 1000, NaN, "x"]) {
    throws(() => new Response("", { status }), RangeError, "status codes in the range 200 to 599");
  }
});

test("statusText", () => {
  equal(new Response("", { statusText: "Fine" }).statusText, "Fine");
  equal(new Response("", { status: 404 }).statusText, "Not Found");
  equal(new Response("", { status: 418 }).status, 418);
  throws(() => new Response("", { statusText: "a\nb" }), TypeError, "Invalid statusText");
});

test("statuses without a body", () => {
  for (const status of [204, 205, 304]) {
    equal(new Response(null, { status }).body, null);
    equal(new Response("", { status }).body, null, "an empty text is no body");
    throws(() => new Response("x", { status }), TypeError, "cannot have a body");
  }
});

test("the type of the body", () => {
  const type = (body, headers) => new Response(body, { headers }).headers.get("content-type");
  equal(new Response("x").headers.get("content-type"), "text/plain;charset=UTF-8");
  equal(type("x"), "text/plain;charset=UTF-8");
  equal(type("x", { "content-type": "own/type" }), "own/type");
  equal(type("x", new Headers({ "Content-Type": "own/type" })), "own/type");
  equal(type("x", [["CONTENT-TYPE", "own/type"]]), "own/type");
  equal(type("x", { other: "1" }), "text/plain;charset=UTF-8");
  equal(type(utf8("x")), null);
  equal(type(new Blob(["x"], { type: "a/b" })), "a/b");
  equal(type(new URLSearchParams()), "application/x-www-form-urlencoded;charset=UTF-8");
  equal(type(new ReadableStream()), null);
  equal(type(null), null);
});

test("headers given are copied", () => {
  const given = { a: "1" };
  const response = new Response("", { headers: given });
  given.a = "2";
  given.b = "3";
  equal(response.headers.get("a"), "1");
  equal(response.headers.has("b"), false);
  const object = new Headers({ a: "1" });
  const second = new Response("", { headers: object });
  object.set("a", "2");
  equal(second.headers.get("a"), "1");
});

test("headers can be changed", () => {
  const response = new Response("x", { headers: { a: "1" } });
  response.headers.set("a", "2");
  response.headers.append("Set-Cookie", "x");
  response.headers.append("set-cookie", "y");
  response.headers.delete("content-type");
  equal([...response.headers], [["a", "2"], ["set-cookie", "x"], ["set-cookie", "y"]]);
  ok(response.headers === response.headers);
});

test("bad headers", () => {
  throws(() => new Response("", { headers: { "a b": "1" } }), TypeError, "Invalid header name");
  throws(() => new Response("", { headers: { a: "1\n2" } }), TypeError, "Invalid header value");
});

test("a response as init", () => {
  const first = new Response("x", { status: 404, statusText: "Nope", headers: { a: "1" } });
  const second = new Response("y", first);
  equal([second.status, second.statusText, second.headers.get("a")], [404, "Nope", "1"]);
  second.headers.set("a", "2");
  equal(first.headers.get("a"), "1");
});

test("clone()", async () => {
  const response = new Response("abc", { status: 201, headers: { a: "1" } });
  const copy = response.clone();
  copy.headers.set("a", "2");
  equal([copy.status, response.headers.get("a"), copy.headers.get("a")], [201, "1", "2"]);
  equal([await response.text(), await copy.text()], ["abc", "abc"]);
});

test("Response.json()", async () => {
  const response = Response.json({ a: [1] }, { status: 201, headers: { x: "y" } });
  equal([response.status, response.headers.get("x")], [201, "y"]);
  equal(response.headers.get("content-type"), "application/json");
  equal(await response.text(), '{"a":[1]}');
  equal(Response.json(1, { headers: { "content-type": "own/type" } }).headers.get("content-type"), "own/type");
  throws(() => Response.json(1n), TypeError);
  throws(() => Response.json(1, { status: 204 }), TypeError);
});

test("Response.redirect()", () => {
  const response = Response.redirect("http://a/b?ä");
  equal([response.status, response.headers.get("location")], [302, "http://a/b?%C3%A4"]);
  equal(Response.redirect("http://a", 308).status, 308);
  throws(() => Response.redirect("http://a", 200), RangeError, "not a redirect status code");
  throws(() => Response.redirect("/relative"), TypeError, "Unable to parse URL");
  throws(() => response.headers.set("a", "b"), TypeError, "immutable");
});

test("Response.error()", () => {
  const response = Response.error();
  equal([response.status, response.type, response.body], [0, "error", null]);
});

test("init is an object", () => {
  equal(new Response("", null).status, 200);
  throws(() => new Response("", 5), TypeError);
});

test("encodeBody and cf", () => {
  equal(new Response("x", { encodeBody: "manual" }).status, 200);
  throws(() => new Response("x", { encodeBody: "other" }), TypeError, "encodeBody");
  equal(new Response("x", { cf: { a: 1 } }).cf, { a: 1 });
});

test("subclasses", async () => {
  class Own extends Response {
    constructor(text) {
      super(text, { headers: { x: "1" } });
      this.mine = true;
    }
  }
  const own = new Own("abc");
  equal([own.mine, own.headers.get("x"), await own.text()], [true, "1", "abc"]);
});
