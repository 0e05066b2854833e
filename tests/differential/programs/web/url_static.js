// URL.canParse, URL.parse, relative URLs, and objects.
import { attempt, print } from "lines";

export default async () => {
  print("canParse", URL.canParse("http://a"), URL.canParse("nope"), URL.canParse("/x", "http://a"));
  print("parse", URL.parse("http://a/b")?.href, URL.parse("nope"));
  print("relative", new URL("../x?y", "http://a/b/c/d").href, new URL("//h/p", "https://a").href, new URL("", "http://a/b#c").href);
  await attempt("bad base", () => new URL("x", "nope"));
  print("json", JSON.stringify(new URL("http://a")), `${new URL("http://a")}`);
  await attempt("createObjectURL", () => typeof URL.createObjectURL);
};
