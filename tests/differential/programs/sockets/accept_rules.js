// accept(): when it works, and what needs it.
import { attempt } from "lines";

export default async () => {
  const pair = () => Object.values(new WebSocketPair());
  const [a] = pair();
  await attempt("send first", () => a.send("x"));
  await attempt("close first", () => a.close());
  await attempt("accept", () => a.accept());
  await attempt("twice", () => a.accept());
  const [c] = pair();
  const response = new Response(null, { status: 101, webSocket: c });
  await attempt("of a response", () => response.webSocket === c);
  await attempt("accept after response", () => c.accept());
  const [d] = pair();
  d.accept();
  await attempt("response after accept", () => new Response(null, { status: 101, webSocket: d }).status);
};
