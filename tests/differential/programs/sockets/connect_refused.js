// new WebSocket() arguments.
import { attempt } from "lines";

export default async () => {
  await attempt("no url", () => new WebSocket());
  await attempt("bad url", () => new WebSocket("nope"));
  await attempt("scheme", () => new WebSocket("ftp://a/"));
  await attempt("fragment", () => new WebSocket("ws://127.0.0.1:9/#x"));
  await attempt("protocol twice", () => new WebSocket("ws://127.0.0.1:9/", ["a", "a"]));
  await attempt("protocol with space", () => new WebSocket("ws://127.0.0.1:9/", "a b"));
  await attempt("called", () => WebSocket("ws://127.0.0.1:9/"));
};
