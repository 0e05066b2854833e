// A request from a request: what the init replaces.
import { attempt, print } from "lines";

export default async () => {
  const first = new Request("http://a/", { method: "POST", body: "body", headers: { a: "1" }, redirect: "manual" });
  const second = new Request(first, { headers: { b: "2" } });
  print("second", second.method, [...second.headers], second.redirect, first.bodyUsed);
  print("text", await second.text());
  const third = new Request("http://b/", new Request("http://a/", { method: "PUT", body: "x", headers: { c: "3" } }));
  print("init is a request", third.method, third.url, [...third.headers]);
  await attempt("used", () => new Request(first));
  print("get of post", new Request(new Request("http://a/", { method: "POST", body: "x" }), { method: "PUT" }).method);
};
