// WebSockets: the example, and what a worker, a Durable Object or another worker accepts.
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import WebSocket from "ws";
import { RawClient } from "../support/raw_client.mjs";
import { ask } from "../support/requests.mjs";
import { lifetime, project, root, serve, until } from "../support/selvage.mjs";

const limit = { timeout: 30_000 };

/** A client whose messages and close can be awaited one after the other. */
class Client {
  #messages = [];
  #waiting = [];

  static async open(t, session, path, { host = "localhost", ...options } = {}) {
    const client = new Client();
    client.socket = new WebSocket(`ws://127.0.0.1:${session.port}${path}`, options.protocols ?? [], { headers: { Host: host }, ...options });
    t.after(() => client.socket.terminate());
    client.socket.on("message", (data, binary) => {
      const message = binary ? data : data.toString();
      const waiting = client.#waiting.shift();
      if (waiting) waiting(message);
      else client.#messages.push(message);
    });
    client.closed = new Promise((resolve) => client.socket.on("close", (code, reason) => resolve([code, reason.toString()])));
    client.socket.on("error", () => {});
    await new Promise((resolve, reject) => client.socket.once("open", resolve).once("error", reject));
    return client;
  }

  next() {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift());
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      this.closed.then(([code]) => reject(new Error(`closed with ${code}`)));
    });
  }

  async echo(data, options) {
    this.socket.send(data, options);
    return await this.next();
  }
}

describe("examples/websocket-echo", () => {
  const suite = lifetime();
  let session;
  before(async () => {
    session = await serve(suite, join(root, "examples/websocket-echo"), "--threads", "1");
  });

  test("says back what it is told", limit, async (t) => {
    const client = await Client.open(t, session, "/");
    assert.equal(await client.echo("hello"), "You said: hello");
    assert.deepEqual(await client.echo(Buffer.from([0, 1, 255])), Buffer.from([0, 1, 255]));
    client.socket.close(4000, "enough");
    assert.deepEqual(await client.closed, [4000, "enough"]);
  });

  test("shows a page to a browser", async () => {
    assert.match(await session.get("/"), /<title>Echo<\/title>/);
  });
});

for (const threads of ["1", "2"]) {
  describe(`with ${threads} thread(s)`, () => {
    const suite = lifetime();
    let session;
    before(async () => {
      const projects = ["sockets", "socket-door"].map((name) => join(root, "tests/tenants", name));
      session = await serve(suite, projects, "--threads", threads);
    });
    const open = (t, path, options) => Client.open(t, session, path, { host: "sockets.localhost", ...options });
    /** The close event that the worker saw on the socket called `name`. */
    const workerSaw = (name) =>
      until(async () => {
        // Each thread has a worker of its own: ask until it is the right one.
        const { text } = await ask(session.port, `/closes?name=${name}`, { host: "sockets.localhost" });
        return JSON.parse(text)[0];
      }, `the worker saw ${name} close`);

    test("text, binary, empty", limit, async (t) => {
      const client = await open(t, "/echo");
      for (const text of ["", "häl€o 🚀", "x".repeat(125), "x".repeat(126), "x".repeat(65_535), "x".repeat(65_536)]) {
        assert.ok((await client.echo(text)) === text, `${text.length} characters`);
      }
      for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
        const bytes = Buffer.alloc(size, 7);
        assert.deepEqual(await client.echo(bytes), bytes);
      }
    });

    test("1 MB, without compression and with it", limit, async (t) => {
      for (const perMessageDeflate of [false, true]) {
        const client = await open(t, "/echo", { perMessageDeflate });
        const text = "0123456789".repeat(100_000);
        assert.ok((await client.echo(text)) === text);
      }
    });

    test("a message beyond the limit closes with 1009", limit, async (t) => {
      const client = await open(t, "/echo");
      client.socket.send(Buffer.alloc(40 << 20));
      assert.equal((await client.closed)[0], 1009);
    });

    test("a message in fragments, with a ping in between", limit, async (t) => {
      const client = await open(t, "/echo");
      client.socket.send("one ", { fin: false });
      client.socket.ping("there?");
      assert.equal((await once(client.socket, "pong"))[0].toString(), "there?");
      client.socket.send("two ", { fin: false });
      client.socket.send("three", { fin: true });
      assert.equal(await client.next(), "one two three");
    });

    for (const [code, reason] of [[1000, "bye"], [1001, ""], [3000, "ä"], [4999, "x".repeat(123)]]) {
      test(`the worker closes with ${code}`, limit, async (t) => {
        const client = await open(t, "/close");
        client.socket.send(JSON.stringify([code, reason]));
        assert.deepEqual(await client.closed, [code, reason]);
      });
    }

    test("the client's code and reason reach the worker", limit, async (t) => {
      const client = await open(t, "/echo?name=coded");
      client.socket.close(4321, "because");
      const seen = await workerSaw("coded");
      assert.deepEqual(seen, { name: "coded", code: 4321, reason: "because", clean: true });
    });

    test("a client that vanishes is a close with 1006", limit, async (t) => {
      const client = await open(t, "/echo?name=vanished");
      client.socket.terminate();
      const seen = await workerSaw("vanished");
      assert.equal(seen.code, 1006);
      assert.equal(seen.clean, false);
    });

    test("a thousand messages in order", limit, async (t) => {
      const client = await open(t, "/flood");
      client.socket.send("1000");
      for (let i = 0; i < 1000; ++i) assert.equal(await client.next(), String(i));
    });

    test("a subprotocol is agreed on", limit, async (t) => {
      const client = await open(t, "/protocol", { protocols: ["chat", "other"] });
      assert.equal(client.socket.protocol, "chat");
    });

    test("an exception in a listener does not end the others", limit, async (t) => {
      const throwing = await open(t, "/throw");
      const other = await open(t, "/echo");
      throwing.socket.send("x");
      assert.equal(await other.echo("still here"), "still here");
    });

    test("200 clients at once", limit, async (t) => {
      const clients = await Promise.all(Array.from({ length: 200 }, () => open(t, "/echo")));
      const answers = await Promise.all(clients.map((client, i) => client.echo(`client ${i}`)));
      assert.deepEqual(answers, clients.map((_, i) => `client ${i}`));
    });

    test("an unmasked frame is refused with 1002", limit, async (t) => {
      const client = (await RawClient.connect(session.port)).closeAfter(t);
      await client.request([
        "GET /echo HTTP/1.1", "Host: sockets.localhost", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ]);
      const head = await client.head();
      assert.equal(head.status, 101);
      assert.deepEqual(head.fields.get("sec-websocket-accept"), ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
      await client.send(Buffer.from([0x81, 2, 104, 105]));
      const frame = await client.bytes(4);
      assert.equal(frame[0], 0x88);
      assert.equal(frame.readUInt16BE(2), 1002);
    });

    test("a room in a Durable Object: everyone hears everyone", limit, async (t) => {
      const people = [];
      for (let i = 1; i <= 5; ++i) {
        const client = await open(t, "/room?name=hall");
        assert.equal(await client.next(), `you are number ${i}`);
        people.push(client);
      }
      people[2].socket.send("hear, hear");
      for (const each of people) assert.equal(await each.next(), "hear, hear");
      people[0].socket.close();
      await people[0].closed;
      const count = async () => (await ask(session.port, "/room?name=hall", { host: "sockets.localhost" })).text;
      await until(async () => (await count()) === "4", "the room notices who left");
    });

    test("rooms on either thread", limit, async (t) => {
      for (let i = 0; i < 8; ++i) {
        const client = await open(t, `/room?name=r${i}`);
        assert.equal(await client.next(), "you are number 1");
        const bytes = Buffer.alloc(100_000, i);
        assert.deepEqual(await client.echo(bytes), bytes);
        client.socket.close(1000);
        assert.equal((await client.closed)[0], 1000);
      }
    });

    test("through a service binding, to a worker", limit, async (t) => {
      const client = await open(t, "/echo?name=through", { host: "socket-door.localhost" });
      assert.equal(await client.echo("through the door"), "through the door");
      client.socket.close(4000, "out");
      assert.deepEqual(await client.closed, [4000, "out"]);
      assert.equal((await workerSaw("through")).code, 4000);
    });

    test("through a service binding, to a Durable Object", limit, async (t) => {
      const client = await open(t, "/room?name=beyond", { host: "socket-door.localhost" });
      assert.equal(await client.next(), "you are number 1");
      assert.equal(await client.echo("hello"), "hello");
    });

    test("a worker talks with another worker's socket itself", limit, async () => {
      const { text } = await ask(session.port, "/heard", { host: "socket-door.localhost" });
      assert.deepEqual(JSON.parse(text), { status: 101, code: 1000, heard: ["a", "b", "c"] });
    });
  });
}

test("a drain closes with 1001", limit, async (t) => {
  const session = await serve(t, join(root, "tests/tenants/sockets"), "--threads", "1");
  const client = await Client.open(t, session, "/echo");
  assert.equal(await client.echo("x"), "x");
  const ended = session.stop("SIGTERM");
  assert.equal((await client.closed)[0], 1001);
  assert.equal(await ended, 0);
});

test("a socket that is handed on is handed on with what has come already", limit, async (t) => {
  const front = project(t, {
    name: "front",
    config: `[[services]]\nbinding = "BACK"\nservice = "back"\n`,
    source: `export default { async fetch(request, env) {
      const response = await env.BACK.fetch(request);
      await scheduler.wait(50); // the messages are there, and nobody has accepted the socket
      if (!new URL(request.url).searchParams.has("accept")) return response;
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      response.webSocket.accept();
      response.webSocket.addEventListener("message", ({ data }) => server.send("accepted " + data));
      return new Response(null, { status: 101, webSocket: client });
    } };`,
  });
  const back = project(t, {
    name: "back",
    source: `export default { fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      for (const each of ["one", "two", "three"]) server.send(each);
      return new Response(null, { status: 101, webSocket: client });
    } };`,
  });
  const session = await serve(t, [front, back], "--threads", "1");
  for (const [path, prefix] of [["/", ""], ["/?accept", "accepted "]]) {
    const client = await Client.open(t, session, path, { host: "front.localhost" });
    for (const each of ["one", "two", "three"]) assert.equal(await client.next(), prefix + each);
  }
});
