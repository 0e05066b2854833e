import path from "node:path";
import posix from "node:path/posix";
import punycode from "node:punycode";
import querystring from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";
import { describe, equal, ok, test } from "../../js/harness.js";

describe("path and url");

test("path", () => {
  equal(path.join("/a", "..", "b", "./c"), "/b/c");
  equal(path.resolve("/a", "b", "../c"), "/a/c");
  equal([path.basename("/a/b.txt", ".txt"), path.extname("b.tar.gz"), path.dirname("/a/b")], ["b", ".gz", "/a"]);
  equal(path.relative("/a/b/c", "/a/d"), "../../d");
  equal(path.parse("/home/u/f.txt"), { root: "/", dir: "/home/u", base: "f.txt", ext: ".txt", name: "f" });
  equal([path.normalize("/a//b/../c/."), path.sep, path.isAbsolute("a")], ["/a/c", "/", false]);
  ok(path.posix === posix && typeof path.win32.join === "function");
});

test("url", () => {
  ok(url.URL === URL && url.URLSearchParams === URLSearchParams);
  const parsed = url.parse("http://u:p@h.com:8080/p/a?x=1#h", true);
  equal([parsed.host, parsed.pathname, parsed.query.x, parsed.auth, parsed.hash], ["h.com:8080", "/p/a", "1", "u:p", "#h"]);
  equal(url.format({ protocol: "https", hostname: "a.b", pathname: "/c", query: { d: 1 } }), "https://a.b/c?d=1");
  equal(url.resolve("http://a.com/b/c", "../d"), "http://a.com/d");
  equal(url.fileURLToPath("file:///a%20b"), "/a b");
  equal(url.pathToFileURL("/a b").href, "file:///a%20b");
  equal(url.domainToASCII("español.com"), "xn--espaol-zwa.com");
});

test("querystring and punycode", () => {
  equal(querystring.parse("a=1&b=2&a=3&c=%20"), Object.assign(Object.create(null), { a: ["1", "3"], b: "2", c: " " }));
  equal(querystring.stringify({ a: [1, 2], b: "ä b", c: true }), "a=1&a=2&b=%C3%A4%20b&c=true");
  equal(querystring.escape("a&b"), "a%26b");
  equal(punycode.toASCII("mañana.com"), "xn--maana-pta.com");
});

test("StringDecoder keeps what is cut", () => {
  const decoder = new StringDecoder("utf8");
  equal(decoder.write(Buffer.from([0xe2, 0x82])), "");
  equal(decoder.write(Buffer.from([0xac])), "€");
  equal(decoder.end(Buffer.from("x")), "x");
  const base64 = new StringDecoder("base64");
  equal(base64.write(Buffer.from("a")) + base64.end(), "YQ==");
});
