// Responses with webSocket: status, null, clone.
import { attempt, print } from "lines";

export default async () => {
  const socket = () => Object.values(new WebSocketPair())[0];
  print("none", new Response("x").webSocket, "webSocket" in Response.prototype);
  await attempt("101", () => new Response(null, { status: 101, webSocket: socket() }).webSocket instanceof WebSocket);
  await attempt("200", () => new Response(null, { webSocket: socket() }).status);
  await attempt("101 without", () => new Response(null, { status: 101 }).status);
  await attempt("null", () => new Response(null, { status: 101, webSocket: null }).webSocket);
  await attempt("not a socket", () => new Response(null, { status: 101, webSocket: {} }).webSocket);
  await attempt("with a body", () => new Response("body", { status: 101, webSocket: socket() }).status);
};
