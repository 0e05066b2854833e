// Set-Cookie is never joined.
import { print } from "lines";

export default async () => {
  const headers = new Headers();
  headers.append("Set-Cookie", "a=1");
  headers.append("x", "y");
  headers.append("set-cookie", "b=2, c");
  print("get", headers.get("set-cookie"));
  print("getSetCookie", headers.getSetCookie(), new Headers().getSetCookie());
  print("getAll", headers.getAll("Set-Cookie"));
  print("entries", [...headers]);
  const copy = new Headers(headers);
  print("copy", copy.getSetCookie());
  headers.delete("set-cookie");
  print("deleted", headers.getSetCookie(), [...headers]);
};
