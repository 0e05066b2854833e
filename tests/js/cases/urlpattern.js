import { describe, equal, ok, test, throws } from "../harness.js";

describe("urlpattern");

test("groups of a path", () => {
  const pattern = new URLPattern({ pathname: "/books/:id(\\d+)/:rest*" });
  ok(pattern.test("https://a.example/books/12/x"));
  ok(!pattern.test("https://a.example/books/x"));
  const found = pattern.exec("https://a.example/books/12/a/b?q=1");
  equal([found.pathname.groups.id, found.pathname.groups.rest, found.search.input], ["12", "a/b", "q=1"]);
  equal(pattern.pathname, "/books/:id(\\d+)/:rest*");
});

test("a whole URL", () => {
  const pattern = new URLPattern("https://*.example.com/:page");
  equal(pattern.exec("https://www.example.com/home").hostname.groups[0], "www");
  equal(pattern.exec("http://www.example.com/home"), null);
  equal(new URLPattern("/a/*", "https://b.example").test("https://b.example/a/c"), true);
  throws(() => new URLPattern("(bad"), TypeError);
});
