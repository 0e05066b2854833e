// Setters of a URL.
import { attempt, print } from "lines";

export default async () => {
  const url = new URL("http://a.b/c?d#e");
  const sets = { protocol: "https", host: "x:8080", hostname: "y", port: "443", pathname: "p q", search: "a=1", hash: "h", username: "u", password: "p:w", href: "http://n/" };
  for (const [name, value] of Object.entries(sets)) {
    url[name] = value;
    print(name, url.href);
  }
  url.port = "x";
  url.protocol = "mailto";
  url.host = "";
  print("ignored", url.href);
  await attempt("bad href", () => (url.href = "nope"));
};
