// WebSockets of Durable Objects on both runtimes: what the API says, which events come, what a
// client sees. (Eviction is tested with our own in tests/e2e: workerd's takes ten seconds.)
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import WebSocket from "ws";
import { startSelvage } from "../js/server.mjs";

const project = fileURLToPath(new URL("object_sockets/", import.meta.url));
const { object_sockets: expected } = JSON.parse(
  readFileSync(new URL("expectations.json", import.meta.url), "utf8"),
);

async function startMiniflare() {
  const { outputFiles } = await build({
    entryPoints: [`${project}index.js`],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers"],
  });
  const classes = ["Hibernating", "Deaf", "Accepting"];
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate: "2026-07-30",
    durableObjects: Object.fromEntries(classes.map((name) => [name, { className: name, useSQLite: true }])),
    // Exceptions are thrown on purpose.
    handleRuntimeStdio: (out, err) => (out.resume(), err.resume()),
  });
  return { url: (await miniflare.ready).origin, stop: () => miniflare.dispose() };
}

const servers = await Promise.all([startSelvage(project), startMiniflare()]);
after(() => Promise.all(servers.map((server) => server.stop())));

let objects = 0;

/** One object of a class, and clients of it. */
class Visit {
  constructor(server, name) {
    this.server = server;
    this.query = `class=${name}&object=o${++objects}`;
  }
  async get(path, query = "") {
    return await (await fetch(`${this.server.url}${path}?${this.query}&${query}`)).json();
  }
  /** The object's log once it has so many entries. */
  async log(count) {
    for (;;) {
      const log = await this.get("/log");
      if (log.length >= count) return log;
    }
  }
  async open(query = "", options = {}) {
    const socket = new WebSocket(`${this.server.url.replace("http", "ws")}/?${this.query}&${query}`, options);
    const seen = [];
    let wake = () => {};
    const note = (what) => {
      seen.push(what);
      wake();
    };
    socket.on("message", (data, binary) => note(binary ? `binary ${[...data]}` : `text ${data}`));
    socket.on("close", (code, reason) => note(`close ${code} ${JSON.stringify(String(reason))}`));
    socket.on("error", () => {});
    let taken = 0;
    /** The next thing that the client sees. */
    socket.next = async () => {
      while (seen.length === taken) await new Promise((resolve) => (wake = resolve));
      return seen[taken++];
    };
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  }
}

const scenarios = {
  "messages of both kinds": async (visit) => {
    const socket = await visit.open();
    socket.send("echo é");
    socket.send(Buffer.from([1, 2]));
    socket.send("");
    socket.send("echo last");
    return [await socket.next(), await socket.next(), await socket.next(), await visit.get("/log")];
  },
  "sent before the response": async (visit) => (await visit.open("greet")).next(),
  "the client closes, the object answers": async (visit) => {
    const socket = await visit.open("reply=4444");
    socket.close(4001, "bye");
    return [await socket.next(), await visit.log(1)];
  },
  "the client closes without a code": async (visit) => {
    const socket = await visit.open("reply=4444");
    socket.close();
    return [await socket.next(), await visit.log(1)];
  },
  "the client is gone": async (visit) => {
    const socket = await visit.open("reply=4444");
    socket.terminate();
    return visit.log(1);
  },
  "the object closes": async (visit) => {
    const socket = await visit.open();
    socket.send("close 4005 because");
    return [await socket.next(), await visit.log(2)];
  },
  "the object closes without a code": async (visit) => {
    const socket = await visit.open();
    socket.send("close");
    return [await socket.next(), await visit.log(2)];
  },
  "sent after the object has closed": async (visit) => {
    const socket = await visit.open();
    socket.send("twice");
    return [await socket.next(), await visit.log(3)];
  },
  "an exception in the handler": async (visit) => {
    const socket = await visit.open();
    socket.send("throw");
    socket.send("echo still here");
    return [await socket.next(), await visit.get("/log")];
  },
  "to all with a tag": async (visit) => {
    const [one, two, three] = [await visit.open("tag=red&tag=blue"), await visit.open("tag=red"), await visit.open()];
    three.send("all red");
    three.send("echo done");
    return [await one.next(), await two.next(), await three.next()];
  },
  "automatic answers": async (visit) => {
    const socket = await visit.open("pong");
    socket.send("stamp");
    const seen = [await socket.next()];
    socket.send("ping");
    socket.send(Buffer.from("ping"));
    socket.send("echo ping");
    seen.push(await socket.next(), await socket.next(), await socket.next());
    socket.send("stamp");
    seen.push(await socket.next(), await visit.get("/log"));
    return seen;
  },
  "after a write": async (visit) => {
    const socket = await visit.open();
    socket.send("stored one");
    socket.send("stored two");
    return [await socket.next(), await socket.next()];
  },
  "a compressed message": async (visit) => {
    const socket = await visit.open("", { perMessageDeflate: { threshold: 0 } });
    socket.send(`echo ${"compressed ".repeat(500)}`);
    return [socket.extensions !== "", (await socket.next()).length];
  },
};

const accepting = {
  "accept(): messages": async (visit) => {
    const socket = await visit.open();
    socket.send("text");
    socket.send(Buffer.from([3, 4]));
    return [await socket.next(), await socket.next(), await visit.get("/log")];
  },
  "accept(): the client closes": async (visit) => {
    const socket = await visit.open();
    socket.close(4001, "bye");
    return [await socket.next(), await visit.log(1)];
  },
  "accept(): the client closes, half open": async (visit) => {
    const socket = await visit.open("half");
    socket.close(4001, "bye");
    return [await socket.next(), await visit.log(1)];
  },
  "accept(): the object closes": async (visit) => {
    const socket = await visit.open();
    socket.send("close");
    return [await socket.next(), await visit.log(2)];
  },
  "accept(): the client is gone": async (visit) => {
    const socket = await visit.open();
    socket.terminate();
    return visit.log(1);
  },
};

const deaf = {
  "a class without handlers": async (visit) => {
    const socket = await visit.open();
    socket.send("nobody listens");
    return [await socket.next(), await visit.get("/log")];
  },
};

function compare(name, run) {
  test(name, { timeout: 20_000 }, async () => {
    const [ours, theirs] = await Promise.all(servers.map(run));
    if (Object.hasOwn(expected, name)) {
      assert.notDeepEqual(ours, theirs, "no difference any more: take it from expectations.json");
    } else {
      assert.deepEqual(ours, theirs);
    }
  });
}

for (const [className, list] of [["Hibernating", scenarios], ["Accepting", accepting], ["Deaf", deaf]]) {
  describe(className, () => {
    for (const [name, scenario] of Object.entries(list)) {
      compare(name, (server) => scenario(new Visit(server, className)));
    }
  });
}

const names = await (await fetch(`${servers[0].url}/?questions`)).json();
describe("questions", () => {
  for (const name of names) {
    compare(name, (server) => new Visit(server, "Hibernating").get("/", `question=${encodeURIComponent(name)}`));
  }
});

test("every expectation names a case", () => {
  const all = [scenarios, accepting, deaf].flatMap((list) => Object.keys(list)).concat(names);
  for (const id of Object.keys(expected)) assert.ok(all.includes(id), id);
});
