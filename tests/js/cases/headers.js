import { describe, equal, ok, test, throws } from "../harness.js";

describe("headers");

test("constructed from every kind", () => {
  for (const init of [
    { A: "1", b: "2" },
    [["A", "1"], ["b", "2"]],
    new Map([["A", "1"], ["b", "2"]]),
    new Headers({ A: "1", b: "2" }),
  ]) {
    equal([...new Headers(init)], [["a", "1"], ["b", "2"]]);
  }
  equal([...new Headers()], []);
  equal([...new Headers(undefined)], []);
  equal([...new Headers({ n: 5, u: undefined })], [["n", "5"], ["u", "undefined"]]);
});

test("a copy is independent", () => {
  const first = new Headers({ a: "1" });
  const second = new Headers(first);
  second.set("a", "2");
  first.append("a", "3");
  equal([first.get("a"), second.get("a")], ["1, 3", "2"]);
});

test("names ignore case, values are trimmed", () => {
  const headers = new Headers({ "X-One": " \t value \n" });
  equal(headers.get("x-one"), "value");
  equal(headers.has("X-ONE"), true);
  headers.set("x-ONE", "2");
  equal([...headers], [["x-one", "2"]]);
  headers.delete("X-oNe");
  equal(headers.get("x-one"), null);
  equal(headers.has("x-one"), false);
});

test("append() joins", () => {
  const headers = new Headers();
  headers.append("a", "1");
  headers.append("A", "2");
  headers.append("a", "");
  equal(headers.get("a"), "1, 2, ");
});

test("Set-Cookie is never joined", () => {
  const headers = new Headers([["set-cookie", "a=1"], ["x", "y"], ["Set-Cookie", "b=2; Expires=Wed, 1"]]);
  equal(headers.getSetCookie(), ["a=1", "b=2; Expires=Wed, 1"]);
  equal(headers.getAll("Set-Cookie"), ["a=1", "b=2; Expires=Wed, 1"]);
  equal([...headers], [["set-cookie", "a=1"], ["set-cookie", "b=2; Expires=Wed, 1"], ["x", "y"]]);
  equal(headers.get("set-cookie"), "a=1, b=2; Expires=Wed, 1");
  headers.set("set-cookie", "c=3");
  equal(headers.getSetCookie(), ["c=3"]);
  equal(new Headers().getSetCookie(), []);
  throws(() => headers.getAll("x"), TypeError, "Set-Cookie");
});

test("iteration is sorted, lower case", () => {
  const headers = new Headers([["Zeta", "1"], ["alpha", "2"], ["Beta", "3"]]);
  equal([...headers.keys()], ["alpha", "beta", "zeta"]);
  equal([...headers.values()], ["2", "3", "1"]);
  equal([...headers.entries()][0], ["alpha", "2"]);
  const seen = [];
  headers.forEach(function (value, name, object) {
    seen.push([name, value, object === headers, this.mark]);
  }, { mark: 5 });
  equal(seen[0], ["alpha", "2", true, 5]);
  ok(headers[Symbol.iterator] === headers.entries);
});

test("what cannot be a header", () => {
  const headers = new Headers();
  for (const name of ["", "a b", "a:b", "ä", "a\n", "(x)", '"']) {
    throws(() => headers.set(name, "x"), TypeError, "Invalid header name");
    throws(() => headers.get(name), TypeError);
  }
  for (const value of ["a\nb", "a\rb", "a\0b"]) {
    throws(() => headers.append("x", value), TypeError, "Invalid header value");
    throws(() => new Headers({ x: value }), TypeError);
  }
  throws(() => new Headers([["only"]]), TypeError, "exactly two elements");
  throws(() => new Headers([["a", "b", "c"]]), TypeError, "exactly two elements");
  throws(() => new Headers("text"), TypeError);
  throws(() => headers.append("a"), TypeError);
  throws(() => headers.get(), TypeError);
});

test("characters beyond ASCII are kept", () => {
  const headers = new Headers({ x: "häl€o" });
  equal(headers.get("x"), "häl€o");
  const response = new Response("", { headers: { x: "häl€o" } });
  equal(response.headers.get("x"), "häl€o");
  equal(response.clone().headers.get("x"), "häl€o");
  equal([...new Response("", response).headers].at(-1), ["x", "häl€o"]);
});

test("changes during iteration", () => {
  const headers = new Headers({ a: "1", b: "2" });
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    if (seen.length < 5) headers.delete(name);
  }
  ok(seen[0] === "a" && seen.length <= 2);
});

test("many look-ups of an unparsed block agree with a parsed one", () => {
  const { headers } = new Response("x", { headers: { "X-A": "1", "x-b": "2" } });
  for (let i = 0; i < 10; i++) {
    equal(headers.get("x-a"), "1");
    equal(headers.get("X-B"), "2");
    equal(headers.get("x"), null);
    equal(headers.has("content-type"), true);
  }
});
