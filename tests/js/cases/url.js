import { describe, equal, ok, test, throws } from "../harness.js";

describe("url");

test("parts", () => {
  const url = new URL("https://user:pass@sub.example.com:8080/p/a/t/h?query=string#hash");
  equal(
    [url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash],
    ["https://user:pass@sub.example.com:8080/p/a/t/h?query=string#hash", "https://sub.example.com:8080", "https:", "user", "pass", "sub.example.com:8080", "sub.example.com", "8080", "/p/a/t/h", "?query=string", "#hash"],
  );
});

test("parts that are absent", () => {
  const url = new URL("http://a");
  equal([url.href, url.port, url.pathname, url.search, url.hash, url.username, url.password], ["http://a/", "", "/", "", "", "", ""]);
  const empty = new URL("http://a/?#");
  equal([empty.href, empty.search, empty.hash], ["http://a/?#", "", ""]);
  const named = new URL("http://user@a/");
  equal([named.username, named.password, named.host], ["user", "", "a"]);
  const secret = new URL("http://:pass@a/");
  equal([secret.username, secret.password, secret.host], ["", "pass", "a"]);
});

test("normalised", () => {
  const known = {
    "HTTP://EXAMPLE.com:80/a/./b/../c": "http://example.com/a/c",
    "http://ex.com/a b?c d#e f": "http://ex.com/a%20b?c%20d#e%20f",
    "http://münchen.de/ä": "http://xn--mnchen-3ya.de/%C3%A4",
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://[::0:1]/": "http://[::1]/",
    "  http://a\n/b\t ": "http://a/b",
    "file:///C|/x": "file:///C:/x",
    "http:\\\\a\\b": "http://a/b",
    "http://a/%7Efoo/../%7e": "http://a/%7e",
    "mailto:x@y": "mailto:x@y",
    "data:text/plain,hi there": "data:text/plain,hi there",
    "non-special:/..//p": "non-special:/.//p",
  };
  for (const [input, href] of Object.entries(known)) equal(new URL(input).href, href, input);
});

test("against a base", () => {
  equal(new URL("../c?x", "http://a/b/d/e").href, "http://a/b/c?x");
  equal(new URL("//other/x", "https://a/b").href, "https://other/x");
  equal(new URL("?q", "http://a/b?c#d").href, "http://a/b?q");
  equal(new URL("#f", "http://a/b?c#d").href, "http://a/b?c#f");
  equal(new URL("x", new URL("http://a/b/")).href, "http://a/b/x");
});

test("what is no URL", () => {
  for (const bad of ["", "nope", "/a", "http://", "http://a b/", "http://a:99999/", "http://[::1", "http://%zz/", "http://a:b/"]) {
    throws(() => new URL(bad), TypeError, "Invalid URL");
    equal(URL.canParse(bad), false, bad);
    equal(URL.parse(bad), null, bad);
  }
  throws(() => new URL(), TypeError);
  equal(URL.canParse("a", "http://b"), true);
  equal(URL.parse("a", "http://b").href, "http://b/a");
  ok(URL.parse("http://a") instanceof URL);
});

test("origins", () => {
  equal(new URL("https://a:443/x").origin, "https://a");
  equal(new URL("ws://a:81/").origin, "ws://a:81");
  equal(new URL("file:///x").origin, "null");
  equal(new URL("data:x").origin, "null");
  equal(new URL("blob:https://a/id").origin, "https://a");
});

test("setters", () => {
  const url = new URL("http://a/b?c#d");
  url.protocol = "https";
  url.host = "x:8443";
  url.username = "u ser";
  url.password = "p@ss";
  url.pathname = "new path";
  url.search = "a=b c";
  url.hash = "frag ment";
  equal(url.href, "https://u%20ser:p%40ss@x:8443/new%20path?a=b%20c#frag%20ment");
  url.hostname = "y";
  url.port = "";
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  equal(url.href, "https://y/new%20path");
  url.port = "99999";
  url.host = "";
  url.protocol = "mailto";
  equal(url.href, "https://y/new%20path");
  url.href = "http://z/";
  equal(url.host, "z");
  throws(() => { url.href = "nope"; }, TypeError);
  equal(url.href, "http://z/");
});

test("as text", () => {
  const url = new URL("http://a/b");
  equal([String(url), url.toString(), url.toJSON(), JSON.stringify({ url })], ["http://a/b", "http://a/b", "http://a/b", '{"url":"http://a/b"}']);
});

test("lone surrogates", () => {
  equal(new URL("http://a/\ud800").href, "http://a/%EF%BF%BD");
});

test("searchParams follow the URL and the URL follows them", () => {
  const url = new URL("http://a/?x=1&y=2#h");
  const { searchParams } = url;
  ok(searchParams === url.searchParams);
  searchParams.append("z", "ä b&");
  equal(url.href, "http://a/?x=1&y=2&z=%C3%A4+b%26#h");
  searchParams.delete("x");
  searchParams.set("y", "3");
  equal(url.search, "?y=3&z=%C3%A4+b%26");
  url.search = "?new=1";
  equal([...searchParams], [["new", "1"]]);
  url.href = "http://b/?other=2";
  equal([...searchParams], [["other", "2"]]);
  searchParams.delete("other");
  equal(url.href, "http://b/");
});

test("URLSearchParams from every kind", () => {
  const expected = [["a", "1"], ["b", "2 3"]];
  for (const init of ["a=1&b=2+3", "?a=1&b=2%203", { a: 1, b: "2 3" }, [["a", "1"], ["b", "2 3"]], new Map([["a", "1"], ["b", "2 3"]]), new URLSearchParams("a=1&b=2+3")]) {
    equal([...new URLSearchParams(init)], expected);
  }
  equal([...new URLSearchParams()], []);
  equal([...new URLSearchParams("&&a&=b&c==d&%zz=%C3%A4%ff")], [["a", ""], ["", "b"], ["c", "=d"], ["%zz", "ä\ufffd"]]);
  throws(() => new URLSearchParams([["a"]]), TypeError);
  throws(() => new URLSearchParams([["a", "b", "c"]]), TypeError);
});

test("URLSearchParams look-ups", () => {
  const params = new URLSearchParams("a=1&b=2&a=3");
  equal([params.get("a"), params.get("none"), params.getAll("a"), params.getAll("none")], ["1", null, ["1", "3"], []]);
  equal([params.has("a"), params.has("a", "3"), params.has("a", "4"), params.size], [true, true, false, 3]);
  params.delete("a", "1");
  equal(params.toString(), "b=2&a=3");
  params.set("c", "5");
  params.append("b", "6");
  params.set("b", "7");
  equal(params.toString(), "b=7&a=3&c=5");
  params.sort();
  equal(params.toString(), "a=3&b=7&c=5");
  equal([[...params.keys()], [...params.values()]], [["a", "b", "c"], ["3", "7", "5"]]);
  const seen = [];
  params.forEach((value, name) => seen.push(name + value));
  equal(seen, ["a3", "b7", "c5"]);
});

test("URLSearchParams escapes", () => {
  equal(new URLSearchParams({ "a*-._": "~!'()" }).toString(), "a*-._=%7E%21%27%28%29");
  equal(new URLSearchParams([["€", "\ud800"]]).toString(), "%E2%82%AC=%EF%BF%BD");
  equal(new URLSearchParams("a+b=c%2Bd").get("a b"), "c+d");
});

test("sort() is stable and by UTF-16 units", () => {
  const params = new URLSearchParams("z=1&a=2&z=0&ﬃ=3&🌈=4");
  params.sort();
  equal([...params], [["a", "2"], ["z", "1"], ["z", "0"], ["🌈", "4"], ["ﬃ", "3"]]);
});

test("iteration is live", () => {
  const url = new URL("http://a/?x=1&y=2&z=3");
  const seen = [];
  for (const [name] of url.searchParams) {
    seen.push(name);
    if (name === "x") url.searchParams.delete("x");
  }
  equal(seen, ["x", "z"]);
});
