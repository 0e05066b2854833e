// WebSockets of Durable Objects over real connections: out of memory and back, the output gate,
// what ends them. The API is compared with workerd's in tests/differential.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import WebSocket from "ws";
import { lifetime, project, serve, until } from "../support/selvage.mjs";

const limit = { timeout: 30_000 };

const source = `
import { DurableObject } from "cloudflare:workers";

let lives = 0;

export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.life = ++lives;
    this.turn = 0;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.known = ctx.getWebSockets().length;
  }
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/closed") return Response.json((await this.ctx.storage.get("closed")) ?? []);
    if (pathname === "/life") return Response.json([this.life, this.ctx.getWebSockets().length]);
    const [client, server] = Object.values(new WebSocketPair());
    if (searchParams.has("accept")) {
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(this.answer(server, data)));
    } else {
      this.ctx.acceptWebSocket(server, searchParams.getAll("tag"));
      server.serializeAttachment({ name: searchParams.get("name") });
    }
    return new Response(null, { status: 101, webSocket: client });
  }
  answer(socket, data) {
    if (data === "who") {
      const { name } = socket.deserializeAttachment();
      return JSON.stringify({ life: this.life, known: this.known, name, tags: this.ctx.getTags(socket),
        same: this.ctx.getWebSockets().includes(socket), stamped: this.ctx.getWebSocketAutoResponseTimestamp(socket) !== null });
    }
    if (data === "life") return String(this.life);
    return data;
  }
  async webSocketMessage(socket, data) {
    if (data.startsWith?.("store ")) {
      this.ctx.storage.put("stored", data);
      socket.send("stored");
      return;
    }
    if (data.startsWith?.("all ")) {
      for (const each of this.ctx.getWebSockets("named")) each.send(data);
      return;
    }
    if (data === "slow") {
      // Whatever comes meanwhile has to wait, and in its order.
      await this.ctx.blockConcurrencyWhile(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
    if (data === "abort") this.ctx.abort("enough of it");
    if (data === "close") return socket.close(4007, "asked");
    if (data === "spin") for (;;);
    socket.send(this.answer(socket, data));
  }
  async webSocketClose(socket, code, reason, wasClean) {
    const closed = (await this.ctx.storage.get("closed")) ?? [];
    await this.ctx.storage.put("closed", [...closed, [socket.deserializeAttachment().name, code, reason, wasClean]]);
  }
}

export default {
  fetch(request, env) {
    const room = new URL(request.url).searchParams.get("room") ?? "lobby";
    return env.ROOMS.getByName(room).fetch(request);
  },
};
`;
const config = `
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "Room"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]
`;

class Client {
  #seen = [];
  #wake = () => {};

  static async open(t, session, query, options = {}) {
    const client = new Client();
    client.socket = new WebSocket(`ws://127.0.0.1:${session.port}/?${query}`, { headers: { Host: "localhost" }, ...options });
    t.after(() => client.socket.terminate());
    const note = (what) => {
      client.#seen.push(what);
      client.#wake();
    };
    client.socket.on("message", (data, binary) => note(binary ? data : data.toString()));
    client.closed = new Promise((resolve) =>
      client.socket.on("close", (code, reason) => {
        note(["closed", code, reason.toString()]);
        resolve([code, reason.toString()]);
      }),
    );
    client.socket.on("error", () => {});
    await new Promise((resolve, reject) => client.socket.once("open", resolve).once("error", reject));
    return client;
  }
  async next() {
    while (this.#seen.length === 0) await new Promise((resolve) => (this.#wake = resolve));
    return this.#seen.shift();
  }
  async ask(data) {
    this.socket.send(data);
    return await this.next();
  }
}

for (const threads of ["1", "2"]) {
  describe(`with ${threads} thread(s)`, () => {
    const suite = lifetime();
    let session;
    before(async () => {
      // Objects leave memory at the first look, which comes every second.
      session = await serve(suite, project(suite, { source, config }), "--threads", threads, "--object-idle", "1", "--isolate-idle", "1");
    });
    let rooms = 0;
    const open = (t, query = "") => Client.open(t, session, query);
    const json = async (path) => JSON.parse(await session.get(path));
    /** Until the room's object has been constructed anew; asks through `client`. */
    const reborn = async (client, before) => {
      await until(async () => Number(await client.ask("life")) > before, "the object was out of memory", 20);
    };

    test("an object that went out of memory wakes on a message, with its sockets", limit, async (t) => {
      const room = `room=wake${++rooms}`;
      const one = await open(t, `${room}&name=Ada&tag=named&tag=x`);
      const two = await open(t, `${room}&name=Grace&tag=named`);
      const first = JSON.parse(await one.ask("who"));
      assert.deepEqual({ ...first, life: 0 }, { life: 0, known: 0, name: "Ada", tags: ["named", "x"], same: true, stamped: false });
      await reborn(two, first.life);
      const later = JSON.parse(await one.ask("who"));
      assert.ok(later.life > first.life);
      assert.deepEqual({ ...later, life: 0 }, { life: 0, known: 2, name: "Ada", tags: ["named", "x"], same: true, stamped: false });
      two.socket.send("all of you");
      assert.deepEqual([await one.next(), await two.next()], ["all of you", "all of you"]);
    });

    test("an automatic answer wakes nobody", limit, async (t) => {
      const room = `room=auto${++rooms}`;
      const client = await open(t, `${room}&name=Ada`);
      const life = Number(await client.ask("life"));
      await reborn(client, life);
      const [before] = await json(`/life?${room}`);
      for (let i = 0; i < 20; i++) assert.equal(await client.ask("ping"), "pong");
      const { stamped, life: after } = JSON.parse(await client.ask("who"));
      assert.ok(stamped);
      assert.ok(after >= before);
    });

    test("an object out of memory hears of a close", limit, async (t) => {
      const room = `room=close${++rooms}`;
      const [polite, rude] = [await open(t, `${room}&name=polite`), await open(t, `${room}&name=rude`)];
      const life = Number(await polite.ask("life"));
      await reborn(polite, life);
      polite.socket.close(4010, "bye");
      assert.deepEqual((await polite.closed)[0], 4010);
      rude.socket.terminate();
      const closed = await until(async () => {
        const list = await json(`/closed?${room}`);
        return list.length === 2 && list;
      }, "both were closed");
      assert.deepEqual(closed.sort(), [
        ["polite", 4010, "bye", true],
        ["rude", 1006, "WebSocket disconnected without sending Close frame.", false],
      ]);
      assert.equal((await json(`/life?${room}`))[1], 0);
    });

    test("accept() keeps the object in memory", limit, async (t) => {
      const room = `room=stay${++rooms}`;
      const client = await open(t, `${room}&accept`);
      const life = await client.ask("life");
      // Another object of the same age goes meanwhile.
      const other = await open(t, `room=go${rooms}&name=x`);
      await reborn(other, Number(await other.ask("life")));
      assert.equal(await client.ask("life"), life);
    });

    test("messages keep their order while the object is blocked", limit, async (t) => {
      const client = await open(t, `room=order${++rooms}&name=x`);
      const sent = ["slow", ..."abcdefghij"];
      for (const text of sent) client.socket.send(text);
      const got = [];
      while (got.length < sent.length) got.push(await client.next());
      assert.deepEqual(got, sent);
    });

    test("ctx.abort() drops the object's sockets", limit, async (t) => {
      const room = `room=abort${++rooms}`;
      const [one, two] = [await open(t, `${room}&name=one`), await open(t, `${room}&accept`)];
      one.socket.send("abort");
      assert.equal((await one.closed)[0], 1006);
      assert.equal((await two.closed)[0], 1006);
      assert.equal((await json(`/life?${room}`))[1], 0);
    });

    test("the object closes", limit, async (t) => {
      const client = await open(t, `room=closes${++rooms}&name=c`);
      assert.deepEqual(await client.ask("close"), ["closed", 4007, "asked"]);
    });

    for (const mode of ["name=x", "accept"]) {
      test(`messages of 32 MiB go both ways, larger ones do not (${mode})`, { timeout: 120_000 }, async (t) => {
        const client = await Client.open(t, session, `room=large${++rooms}&${mode}`, { perMessageDeflate: false });
        const large = Buffer.alloc(32 << 20, 7);
        client.socket.send(large);
        client.socket.send(large);
        assert.ok(large.equals(await client.next()));
        assert.ok(large.equals(await client.next()));
        client.socket.send(Buffer.alloc((32 << 20) + 1));
        assert.equal((await client.closed)[0], 1009);
      });
    }

    test("fragments, and pings between them", limit, async (t) => {
      const client = await open(t, `room=fragments${++rooms}&name=x`);
      const pong = new Promise((resolve) => client.socket.once("pong", (data) => resolve(data.toString())));
      client.socket.send("one ", { fin: false });
      client.socket.ping("still here");
      client.socket.send("two ", { fin: false });
      client.socket.send("three", { fin: true });
      assert.equal(await client.next(), "one two three");
      assert.equal(await pong, "still here");
    });

    test("compressed messages, both ways", limit, async (t) => {
      const client = await Client.open(t, session, `room=deflate${++rooms}&name=x`, { perMessageDeflate: { threshold: 0 } });
      assert.match(client.socket.extensions, /permessage-deflate/);
      const text = "compress me ".repeat(100_000);
      const before = client.socket._socket.bytesRead;
      assert.ok((await client.ask(text)) === text);
      assert.ok(client.socket._socket.bytesRead - before < text.length / 10);
      assert.equal(await client.ask("short"), "short");
      // A bomb of 64 MiB.
      client.socket.send(Buffer.alloc(64 << 20));
      assert.equal((await client.closed)[0], 1009);
    });

    test("a client that does not read holds up nobody", limit, async (t) => {
      const room = `room=slow${++rooms}`;
      const lazy = await open(t, `${room}&name=lazy&tag=named`);
      const keen = await open(t, `${room}&name=keen&tag=named`);
      lazy.socket.pause();
      const text = "all " + "x".repeat(100_000);
      for (let i = 0; i < 100; i++) {
        keen.socket.send(text);
        assert.equal((await keen.next()).length, text.length);
      }
      lazy.socket.resume();
      for (let i = 0; i < 100; i++) assert.equal((await lazy.next()).length, text.length);
    });

    test("an object that is busy is not flooded", limit, async (t) => {
      const client = await open(t, `room=flood${++rooms}&name=x`);
      const message = "x".repeat(10_000);
      client.socket.send("slow");
      for (let i = 0; i < 1000; i++) client.socket.send(message);
      assert.equal(await client.next(), "slow");
      for (let i = 0; i < 1000; i++) assert.equal((await client.next()).length, message.length);
    });
  });
}

test("what an object sends is on disk before it leaves", limit, async (t) => {
  const folder = project(t, { source, config: config.replace("lobby", "") });
  const session = await serve(t, folder, "--threads", "1");
  const client = await Client.open(t, session, "room=gate&name=x");
  for (let i = 0; i < 20; i++) {
    assert.equal(await client.ask(`store ${i}`), "stored");
    assert.equal(await client.ask("after"), "after");
  }
});

test("a script that does not end costs its object's sockets, not others'", limit, async (t) => {
  const session = await serve(t, project(t, { source, config: config + "\n[limits]\ncpu_ms = 100\n" }), "--threads", "1");
  const [one, other] = [await Client.open(t, session, "room=a&name=x"), await Client.open(t, session, "room=b&name=y")];
  one.socket.send("spin");
  // As after ctx.abort(): the object was reset.
  assert.equal((await one.closed)[0], 1006);
  assert.equal(await other.ask("fine"), "fine");
});
