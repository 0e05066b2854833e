// WebSocketPair and WebSocket as objects.
import { attempt, print } from "lines";

export default async () => {
  const pair = new WebSocketPair();
  print("pair", Object.keys(pair), Object.prototype.toString.call(pair), pair.length, pair[2]);
  await attempt("iterated", () => [...pair].length);
  print("socket", Object.prototype.toString.call(pair[0]), pair[0] instanceof WebSocket, pair[0] instanceof EventTarget);
  print("states", WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.READY_STATE_OPEN, pair[0].OPEN);
  print("members", pair[0].url, pair[0].protocol, pair[0].extensions, pair[0].readyState, pair[0].bufferedAmount);
  await attempt("called", () => WebSocketPair());
};
