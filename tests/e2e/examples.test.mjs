// The examples do what their READMEs say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import { root, Session, temporaryFolder, until } from "./selvage.mjs";

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

test("feature-flags: flags by user, and pages that are made once", async (t) => {
  const { url } = await example(t, "feature-flags");
  const admin = { Authorization: "Bearer change me" };
  const isOn = async (user) => (await (await fetch(`${url}/flags/new-design?user=${user}`)).json()).on;
  assert.equal(await isOn("ada"), false);
  assert.equal((await fetch(`${url}/admin/flags/new-design`, { method: "PUT", body: "{}" })).status, 401);
  const flag = { enabled: true, percent: 20, users: ["ada"] };
  const put = await fetch(`${url}/admin/flags/new-design`, { method: "PUT", headers: admin, body: JSON.stringify(flag) });
  assert.equal(put.status, 204);
  assert.deepEqual(await (await fetch(`${url}/admin/flags`, { headers: admin })).json(), { "new-design": flag });
  assert.equal(await isOn("ada"), true);
  const users = Array.from({ length: 200 }, (_, i) => `user${i}`);
  const answers = await Promise.all(users.map(isOn));
  const share = answers.filter(Boolean).length;
  assert.ok(share > 20 && share < 60, `${share} of 200`);
  assert.deepEqual(await Promise.all(users.map(isOn)), answers);

  const page = async (query) => {
    const response = await fetch(`${url}/a/page${query}`);
    return [response.headers.get("x-cache"), await response.text()];
  };
  const [first, text] = await page("?user=ada");
  assert.equal(first, "miss");
  assert.match(text, /<title>new<\/title>/);
  // It is kept after the answer has left.
  await until(async () => (await page("?user=ada"))[0] === "hit", "the page is kept");
  assert.deepEqual(await page("?user=ada"), ["hit", (await page("?user=ada"))[1]]);
  assert.match((await page(""))[1], /<title>old<\/title>/);
  assert.equal((await fetch(`${url}/admin/pages`, { method: "DELETE", headers: admin })).status, 204);
  assert.equal((await page("?user=ada"))[0], "miss");
});
