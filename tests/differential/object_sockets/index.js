// An object whose WebSockets are looked at from both sides: what its API says, and what a client sees.
import { DurableObject } from "cloudflare:workers";

const pair = () => Object.values(new WebSocketPair());
const describe = (value) =>
  value instanceof Error ? `${value.name}: ${value.message}` : value instanceof Date ? "a Date" : value;

/** What can be asked without a client. */
const questions = {
  "nothing is there at first": (ctx) => [
    ctx.getWebSockets(), ctx.getWebSocketAutoResponse(), ctx.getHibernatableWebSocketEventTimeout(),
  ],
  "not a socket": (ctx) => ctx.acceptWebSocket({}),
  "accept() first": (ctx) => {
    const [, server] = pair();
    server.accept();
    ctx.acceptWebSocket(server);
  },
  "accept() after": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server);
    server.accept();
  },
  "twice": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server);
    ctx.acceptWebSocket(server);
  },
  "the other end is accepted": (ctx) => {
    const [client, server] = pair();
    client.accept();
    ctx.acceptWebSocket(server);
  },
  "the other end was returned": (ctx) => {
    const [client, server] = pair();
    new Response(null, { status: 101, webSocket: client });
    ctx.acceptWebSocket(server);
  },
  "both ends": (ctx) => {
    const [client, server] = pair();
    ctx.acceptWebSocket(server);
    ctx.acceptWebSocket(client);
  },
  "ten tags, and a duplicate": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server, ["a", "b", "a", ..."cdefghij"]);
    return ctx.getTags(server);
  },
  "eleven tags": (ctx) => ctx.acceptWebSocket(pair()[1], [..."abcdefghijk"]),
  "ten tags and a duplicate behind them": (ctx) => ctx.acceptWebSocket(pair()[1], [..."abcdefghij", "a"]),
  "a tag of 256 characters": (ctx) => ctx.acceptWebSocket(pair()[1], ["x".repeat(256)]),
  "a tag of 257 characters": (ctx) => ctx.acceptWebSocket(pair()[1], ["x".repeat(257)]),
  "a tag of 129 characters with two bytes each": (ctx) => ctx.acceptWebSocket(pair()[1], ["é".repeat(129)]),
  "tags that are none": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server, [1, null]);
    return ctx.getTags(server);
  },
  "no list of tags": (ctx) => ctx.acceptWebSocket(pair()[1], 5),
  "tags of a socket that is not accepted": (ctx) => ctx.getTags(pair()[1]),
  "tags of a socket that is accepted otherwise": (ctx) => {
    const [, server] = pair();
    server.accept();
    return ctx.getTags(server);
  },
  "the order of getWebSockets()": (ctx) => {
    const names = new Map();
    for (const [name, ...tags] of [["one", "x"], ["two"], ["three", "x", "y"]]) {
      const [, server] = pair();
      ctx.acceptWebSocket(server, tags.concat("order"));
      names.set(server, name);
    }
    const list = (...tag) => ctx.getWebSockets(...tag).map((socket) => names.get(socket)).filter(Boolean);
    return [list(), list("order"), list("x"), list("y"), list("z")];
  },
  "the same sockets each time": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server, ["same"]);
    return ctx.getWebSockets("same")[0] === server && ctx.getWebSockets("same")[0] === ctx.getWebSockets("same")[0];
  },
  "automatic answers": (ctx) => {
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const set = ctx.getWebSocketAutoResponse();
    const seen = [set instanceof WebSocketRequestResponsePair, set.request, set.response];
    ctx.setWebSocketAutoResponse();
    return [...seen, ctx.getWebSocketAutoResponse()];
  },
  "an automatic answer to 2048 bytes": (ctx) =>
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x".repeat(2048), "é".repeat(1024))),
  "an automatic answer to 2049 bytes": (ctx) =>
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x".repeat(2049), "")),
  "an automatic answer of 2049 bytes": (ctx) =>
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("", "é".repeat(1025))),
  "an automatic answer that is none": (ctx) => ctx.setWebSocketAutoResponse({ request: "a", response: "b" }),
  "half a pair": () => new WebSocketRequestResponsePair("x"),
  "a pair of other things": () => {
    const made = new WebSocketRequestResponsePair(1, null);
    return [made.request, made.response, Object.keys(made), String(made)];
  },
  "the time of an automatic answer": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server);
    return [ctx.getWebSocketAutoResponseTimestamp(server), ctx.getWebSocketAutoResponseTimestamp(pair()[0])];
  },
  "event timeout": (ctx) => {
    ctx.setHibernatableWebSocketEventTimeout(500);
    const seen = [ctx.getHibernatableWebSocketEventTimeout()];
    ctx.setHibernatableWebSocketEventTimeout(0);
    seen.push(ctx.getHibernatableWebSocketEventTimeout());
    ctx.setHibernatableWebSocketEventTimeout(604_800_000);
    ctx.setHibernatableWebSocketEventTimeout();
    return [...seen, ctx.getHibernatableWebSocketEventTimeout()];
  },
  "an event timeout of more than a week": (ctx) => ctx.setHibernatableWebSocketEventTimeout(604_800_001),
  "attachments": () => {
    const [socket] = pair();
    const seen = [socket.deserializeAttachment()];
    const value = { list: [1, "é"], date: new Date(0), map: new Map([[1, 2]]) };
    socket.serializeAttachment(value);
    const copy = socket.deserializeAttachment();
    seen.push(copy !== value, copy.list, copy.date.getTime(), copy.map.get(1));
    socket.serializeAttachment(undefined);
    seen.push(socket.deserializeAttachment() === undefined);
    return seen;
  },
  "an attachment of 16 KiB": () => pair()[0].serializeAttachment(new Uint8Array(16 * 1024 - 100)),
  "an attachment that is too large": () => pair()[0].serializeAttachment("x".repeat(16 * 1024)),
  "an attachment that cannot be copied": () => pair()[0].serializeAttachment(() => {}),
  "no attachment": () => pair()[0].serializeAttachment(),
  "returned after acceptWebSocket()": (ctx) => {
    const [, server] = pair();
    ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: server }).status;
  },
  "states": (ctx) => {
    const [client, server] = pair();
    const seen = [server.readyState];
    ctx.acceptWebSocket(server);
    seen.push(server.readyState, client.readyState);
    server.close(1000);
    seen.push(server.readyState);
    try {
      server.send("x");
    } catch (error) {
      seen.push(describe(error));
    }
    server.close(1000);
    return seen;
  },
};

const kind = (data) => (typeof data === "string" ? `text ${data}` : `${data.constructor.name} ${[...new Uint8Array(data)]}`);

class Watched extends DurableObject {
  log = [];

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/log") return Response.json(this.log);
    const name = searchParams.get("question");
    if (name) {
      try {
        return Response.json({ is: (await questions[name](this.ctx)) ?? null });
      } catch (error) {
        return Response.json({ throws: describe(error) });
      }
    }
    const [client, server] = pair();
    this.admit(server, searchParams);
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** Sockets that hibernate. The first word of a message says what to do. */
export class Hibernating extends Watched {
  admit(server, parameters) {
    if (parameters.has("pong")) this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.acceptWebSocket(server, parameters.getAll("tag"));
    server.serializeAttachment({ reply: parameters.get("reply") });
    if (parameters.has("greet")) server.send("welcome");
  }

  async webSocketMessage(socket, data) {
    this.log.push(kind(data));
    const [word, ...rest] = typeof data === "string" ? data.split(" ") : ["echo"];
    if (word === "echo") socket.send(data);
    if (word === "close") socket.close(...(rest.length ? [Number(rest[0]), rest[1]] : []));
    if (word === "throw") throw new Error("thrown on purpose");
    if (word === "all") for (const other of this.ctx.getWebSockets(rest[0])) other.send(`to all of ${rest[0]}`);
    if (word === "twice") {
      socket.close(4000, "first");
      try {
        socket.send("late");
      } catch (error) {
        this.log.push(describe(error));
      }
    }
    if (word === "stamp") socket.send(`${this.ctx.getWebSocketAutoResponseTimestamp(socket) instanceof Date}`);
    if (word === "stored") {
      await this.ctx.storage.put("word", rest[0]);
      socket.send(await this.ctx.storage.get("word"));
    }
  }

  webSocketClose(socket, code, reason, wasClean) {
    this.log.push(`close ${code} ${JSON.stringify(reason)} ${wasClean} ${socket.readyState} ${this.ctx.getWebSockets().length}`);
    const { reply } = socket.deserializeAttachment();
    if (reply) socket.close(Number(reply), "replied");
  }

  webSocketError(socket, error) {
    this.log.push(`error ${socket.readyState} ${error instanceof Error}`);
  }
}

/** A class without any of the handlers. */
export class Deaf extends Watched {
  admit(server) {
    this.ctx.acceptWebSocket(server);
    server.send("hello");
  }
}

/** Sockets that are accepted as in a plain worker. */
export class Accepting extends Watched {
  admit(server, parameters) {
    server.accept({ allowHalfOpen: parameters.has("half") });
    server.binaryType = "arraybuffer";
    server.addEventListener("message", ({ data }) => {
      this.log.push(kind(data));
      if (data === "close") server.close(4001, "asked to");
      else server.send(data);
    });
    server.addEventListener("close", ({ code, reason, wasClean }) => {
      this.log.push(`close ${code} ${JSON.stringify(reason)} ${wasClean} ${server.readyState}`);
      if (parameters.has("half")) server.close(4002, "half");
    });
    server.addEventListener("error", () => this.log.push(`error ${server.readyState}`));
  }
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("questions")) return Response.json(Object.keys(questions));
    const namespace = env[searchParams.get("class")];
    return namespace.get(namespace.idFromName(searchParams.get("object"))).fetch(request);
  },
};
