import { bytes, describe, equal, milliseconds, ok, test, throws } from "../harness.js";

describe("websocket");

function accepted() {
  const [client, server] = Object.values(new WebSocketPair());
  client.accept();
  server.accept();
  return [client, server];
}

const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

test("a pair has two ends", () => {
  const pair = new WebSocketPair();
  equal(Object.keys(pair), ["0", "1"]);
  ok(pair[0] instanceof WebSocket && pair[1] instanceof WebSocket);
  const [first, second] = pair;
  ok(first === pair[0] && second === pair[1]);
  equal([first.readyState, first.url, first.protocol, first.extensions], [1, null, "", ""]);
});

test("constants", () => {
  for (const holder of [WebSocket, WebSocket.prototype]) {
    equal([holder.CONNECTING, holder.OPEN, holder.CLOSING, holder.CLOSED], [0, 1, 2, 3]);
    equal(holder.READY_STATE_OPEN, 1);
  }
});

test("nothing before accept()", () => {
  const [client] = Object.values(new WebSocketPair());
  throws(() => client.send("x"), TypeError, "You must call one of accept()");
  throws(() => client.close(), TypeError, "You must call one of accept()");
  client.accept();
  client.accept();
});

test("messages both ways, in order", async () => {
  const [client, server] = accepted();
  const seen = [];
  server.addEventListener("message", (event) => server.send(`re: ${event.data}`));
  client.addEventListener("message", (event) => seen.push(event.data));
  client.send("one");
  client.send("two");
  equal(seen, [], "not from within send()");
  await milliseconds(5);
  equal(seen, ["re: one", "re: two"]);
});

test("messages wait for accept()", async () => {
  const [client, server] = Object.values(new WebSocketPair());
  const seen = [];
  server.addEventListener("message", (event) => seen.push(event.data));
  client.accept();
  client.send("early");
  await milliseconds(3);
  equal(seen, []);
  server.accept();
  await milliseconds(3);
  equal(seen, ["early"]);
});

test("binary messages", async () => {
  const [client, server] = accepted();
  server.binaryType = "arraybuffer";
  const source = bytes(1, 2, 3, 4);
  client.send(source.subarray(1, 3));
  source.fill(9);
  const { data } = await next(server, "message");
  ok(data instanceof ArrayBuffer);
  equal(new Uint8Array(data), bytes(2, 3));
  server.binaryType = "blob";
  client.send(new ArrayBuffer(2));
  const second = (await next(server, "message")).data;
  ok(second instanceof Blob);
  equal(second.size, 2);
  server.binaryType = "nonsense";
  equal(server.binaryType, "blob");
});

test("binary messages are blobs by default, from 2026-03-17 on", () => {
  equal(accepted()[0].binaryType, "blob");
});

test("other values become text", async () => {
  const [client, server] = accepted();
  const message = next(server, "message");
  client.send(5);
  equal((await message).data, "5");
  throws(() => client.send(), TypeError);
});

test("close() is answered", async () => {
  const [client, server] = accepted();
  const closes = Promise.all([next(client, "close"), next(server, "close")]);
  client.close(4001, "bye");
  equal(client.readyState, 2);
  throws(() => client.send("x"), TypeError, "after close()");
  for (const event of await closes) {
    equal([event.code, event.reason, event.wasClean], [4001, "bye", true]);
    ok(event instanceof CloseEvent);
  }
  equal([client.readyState, server.readyState], [3, 3]);
  client.close();
});

test("close() without a code", async () => {
  const [client, server] = accepted();
  const closing = next(server, "close");
  client.close();
  const event = await closing;
  equal([event.code, event.reason], [1005, ""]);
});

test("a half-open end answers by itself", async () => {
  const [client, server] = Object.values(new WebSocketPair());
  client.accept();
  server.accept({ allowHalfOpen: true });
  const heard = next(server, "close");
  client.close(1000, "done");
  await heard;
  server.send("last words");
  const message = next(client, "message");
  equal((await message).data, "last words");
  const end = next(client, "close");
  server.close(4000, "mine");
  equal((await end).code, 4000);
});

test("codes and reasons", () => {
  const [client] = accepted();
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000]) {
    throws(() => client.close(code), "InvalidAccessError", "Invalid WebSocket close code");
  }
  throws(() => client.close(1000, "x".repeat(124)), "SyntaxError", "123 bytes");
  throws(() => client.close(1000, "€".repeat(42)), "SyntaxError");
  throws(() => client.close(undefined, "why"), "InvalidAccessError");
  equal(client.readyState, 1);
});

test("in a response", () => {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  const response = new Response(null, { status: 101, webSocket: client });
  equal([response.status, response.webSocket === client], [101, true]);
  throws(() => new Response(null, { webSocket: client }), RangeError, "must have status code 101");
  throws(() => new Response(null, { status: 101, webSocket: {} }), TypeError);
  throws(() => response.clone(), TypeError, "clone");
});

test("new WebSocket() checks its arguments", () => {
  throws(() => new WebSocket("nope"), "SyntaxError", "url is invalid");
  throws(() => new WebSocket("ftp://a/"), "SyntaxError", "scheme must be ws or wss");
  throws(() => new WebSocket("ws://a/#f"), "SyntaxError");
  throws(() => new WebSocket("ws://a/", "bad protocol"), "SyntaxError", "protocol");
  throws(() => new WebSocket("ws://a/", ["a", "a"]), "SyntaxError");
  throws(() => new WebSocket(), TypeError);
});
