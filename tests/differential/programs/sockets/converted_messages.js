// What send() makes of other values.
import { attempt, print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  const seen = [];
  b.addEventListener("message", ({ data }) => seen.push(data));
  for (const value of [5, true, null, undefined, { a: 1 }, [1, 2], new Date(0), "\ud800"]) await attempt(`send ${JSON.stringify(value)}`, () => a.send(value));
  await attempt("symbol", () => a.send(Symbol("s")));
  await attempt("nothing", () => a.send());
  a.send("last");
  await until(() => seen.includes("last"));
  print("seen", seen.map((data) => (typeof data === "string" ? data : typeof data)));
};
