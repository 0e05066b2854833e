// Names and values of headers: case, spaces, joining, order.
import { print } from "lines";

export default async () => {
  const headers = new Headers([["B-Two", " spaced "], ["a-one", "1"], ["A-ONE", "2"], ["empty", ""]]);
  print("entries", [...headers]);
  print("get", headers.get("A-One"), headers.get("missing"), headers.has("EMPTY"));
  headers.append("a-one", "3");
  print("append", headers.get("a-one"));
  headers.set("A-One", "only");
  headers.delete("B-TWO");
  print("after", [...headers.entries()], [...headers.keys()], [...headers.values()]);
};
