// URLSearchParams: parsing, order, sort, size.
import { attempt, print } from "lines";

export default async () => {
  const params = new URLSearchParams("?b=2&a=1&b=3&c=%E2%82%AC+x&d&=e");
  print("entries", [...params]);
  print("get", params.get("b"), params.getAll("b"), params.get("none"), params.has("b", "3"), params.has("b", "9"), params.size);
  params.append("a", "\u00e9&=");
  params.set("b", "only");
  params.delete("a", "1");
  print("text", params.toString());
  params.sort();
  print("sorted", params.toString());
  print("from", new URLSearchParams({ x: 1, y: [1, 2] }).toString(), new URLSearchParams([["k", "v"]]).toString(), new URLSearchParams(new Map([["m", "n"]])).toString());
  const url = new URL("http://a/?x=1");
  url.searchParams.append("y", "2 3");
  print("live", url.href);
  url.search = "";
  print("emptied", [...url.searchParams]);
  await attempt("bad pairs", () => new URLSearchParams([["a"]]));
};
