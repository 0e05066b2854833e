// Rooms on partyserver, with partysocket as their client.
import assert from "node:assert/strict";
import { test } from "node:test";
import PartySocket from "partysocket";
import WebSocket from "ws";
import { until } from "../support/selvage.mjs";
import { runtimes } from "./workerd.mjs";

/** A partysocket with what it has received, parsed, in `seen`. */
async function connect(t, { port }, party, room, name) {
  const socket = new PartySocket({ host: `localhost:${port}`, party, room, query: { name }, WebSocket });
  t.after(() => socket.close());
  const seen = [];
  socket.addEventListener("message", ({ data }) => seen.push(JSON.parse(data)));
  await until(() => seen.length > 0, `${name} is greeted`);
  return { socket, seen, close: () => socket.close() };
}

for (const { name, start } of runtimes("party", { Chat: "Chat", Awake: "Awake" })) {
  for (const party of ["chat", "awake"]) {
    test(`partyserver on ${name}: a room (${party})`, async (t) => {
      const server = await start(t);
      const ada = await connect(t, server, party, "room-1", "ada");
      const bob = await connect(t, server, party, "room-1", "bob");
      await connect(t, server, party, "room-2", "eve");
      await until(() => ada.seen.length === 2, "ada hears of bob");
      bob.socket.send("hi");
      await until(() => ada.seen.length === 3 && bob.seen.length === 2, "both hear it");
      ada.socket.send("who");
      await until(() => ada.seen.length === 4, "ada is told who is there");
      const posted = await fetch(`${server.url}/parties/${party}/room-1`, { method: "POST", body: '{"posted":true}' });
      assert.equal(await posted.text(), "sent");
      await until(() => bob.seen.length === 3, "bob hears what was posted");
      bob.close();
      await until(() => ada.seen.length === 6, "ada hears that bob has left");
      assert.deepEqual(ada.seen, [
        { hello: "ada", room: "room-1" }, { joined: "bob" }, { from: "bob", text: "hi" }, { names: ["ada", "bob"] },
        { posted: true }, { left: "bob" },
      ]);
      assert.deepEqual(await (await fetch(`${server.url}/parties/${party}/room-1`)).json(), { room: "room-1", started: 1, tags: 1 });
      assert.equal((await fetch(`${server.url}/elsewhere`)).status, 404);
    });
  }
}
