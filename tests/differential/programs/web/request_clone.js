// clone(): bodies apart; not after use.
import { attempt, print } from "lines";

export default async () => {
  const request = new Request("http://a/", { method: "POST", body: "shared", headers: { a: "1" } });
  const copy = request.clone();
  copy.headers.set("a", "2");
  print("headers", request.headers.get("a"), copy.headers.get("a"));
  print("texts", await request.text(), await copy.text());
  await attempt("after use", () => request.clone());
  const locked = new Request("http://a/", { method: "POST", body: "x" });
  locked.body.getReader();
  await attempt("locked", () => locked.clone());
};
