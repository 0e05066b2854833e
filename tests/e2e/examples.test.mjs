// The examples do what their READMEs say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import { root, Session, temporaryFolder } from "./selvage.mjs";

const example = (t, ...names) =>
  new Session(t, ["serve", ...names.map((name) => join(root, "examples", name)), "--port", "0", "--data", temporaryFolder(t)]).ready();

test("edge-api is what init makes", () => {
  const source = readFileSync(join(root, "examples/edge-api/wrangler.toml"), "utf8");
  assert.match(source, /^id = "your_kv_id"$/m);
});

test("websocket-echo: says back what it is told", async (t) => {
  const session = await example(t, "websocket-echo");
  assert.match(await session.get("/"), /<title>Echo<\/title>/);
  const socket = new WebSocket(`ws://localhost:${session.port}/`);
  const next = () => new Promise((resolve, reject) => {
    socket.once("message", (data, binary) => resolve(binary ? data : data.toString()));
    socket.once("error", reject);
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  let answer = next();
  socket.send("hello");
  assert.equal(await answer, "You said: hello");
  answer = next();
  socket.send(Buffer.from([1, 2, 3]));
  assert.deepEqual([...(await answer)], [1, 2, 3]);
  const closed = new Promise((resolve) => socket.once("close", (code, reason) => resolve([code, reason.toString()])));
  socket.close(4000, "enough");
  assert.deepEqual(await closed, [4000, "enough"]);
});

test("service-bindings: the shop asks the greeter", async (t) => {
  const session = await example(t, "service-bindings/shop", "service-bindings/greeter");
  const get = (name, path) => new Promise((resolve, reject) => {
    request({ port: session.port, host: "127.0.0.1", path, headers: { Host: `${name}.localhost:${session.port}` } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (data) => (text += data)).on("end", () => resolve(text));
    }).on("error", reject).end();
  });
  assert.equal(await get("shop", "/?name=Ada"), "Shop: Good day, Ada");
  assert.equal(await get("greeter", "/"), "Good day, stranger");
});
