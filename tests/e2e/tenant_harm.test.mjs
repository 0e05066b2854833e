// Two tenants on one thread: whatever one of them does, the other's answers stay right, the process
// stays the same, and the first one can be used again afterwards.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ask } from "../support/requests.mjs";
import { isRunning, lifetime, project, residentMiB, root, serve, until } from "../support/selvage.mjs";

const tenants = ["harmful", "quiet"].map((name) => join(root, "tests/tenants", name));
const patience = { timeout: 120_000 }; // for a machine that has much else to do

const cpu = /^503 .*exceeded its CPU time limit of 500 ms/s;
const memory = /^503 .*exceeded its (memory limit of 128 MB|CPU time limit of 500 ms)/s;
const harms = [
  ["an endless loop", "/forever", cpu],
  ["a loop of arithmetic", "/math", cpu],
  ["a catastrophic regular expression", "/regexp", cpu],
  ["an optimised loop that fills", "/fill", cpu],
  ["an optimised loop that leaves garbage", "/garbage", cpu],
  // The object is reset, and its caller gets an exception, as on Workers.
  ["an endless loop in a Durable Object", "/object-forever", /^500 .*threw an exception/],
  ["arrays without end", "/arrays", memory],
  ["big arrays without end", "/big-arrays", memory],
  ["literals without end", "/literals", memory],
  ["a map without end", "/map", memory],
  ["one huge array", "/huge-array", memory],
  ["JSON larger than the limit", "/json", memory],
  ["microtasks without end", "/microtasks", memory],
  ["a string that doubles", "/strings", /^(500|503) /],
  // Refused by the allocator, or the isolate ended, whichever V8 comes to first.
  ["buffers without end", "/buffers", /^(500 |503 .*memory limit)/s],
  ["a million timers", "/timers", /^200 QuotaExceededError: .*10000/],
  ["endless recursion", "/deep", /^200 RangeError/],
  ["an exception", "/throw", /^500 /],
  ["an answer that is none", "/not-a-response", /^500 /],
  ["eval", "/eval", /^200 EvalError: Code generation from strings disallowed/],
  ["a computation of 300 ms", "/spin?ms=300", /^200 spun/],
];

/** Asks the quiet tenant again and again, several at once, until stop(); throws on a wrong answer. */
function quietLoad(session) {
  let stopped = false;
  let answers = 0;
  const client = async (number) => {
    for (let i = 0; !stopped || i === 0; ++i) {
      const { status, text } = await ask(session.port, `/?n=${number}.${i}`, { host: "quiet.localhost" });
      assert.equal(`${status} ${text}`, `200 quiet ${number}.${i}`);
      ++answers;
    }
  };
  const clients = Promise.all([0, 1, 2, 3].map(client));
  clients.catch(() => {}); // reported by stop()
  return {
    answers: () => answers,
    async stop() {
      stopped = true;
      await clients;
    },
  };
}

describe("what a tenant does to its neighbour on the same thread: nothing", () => {
  const suite = lifetime();
  let session;
  before(async () => {
    session = await serve(suite, tenants, "--threads", "1");
  });

  const harmful = (path, options) => ask(session.port, path, { host: "harmful.localhost", ...options });

  const count = (pattern) => (session.output.match(pattern) ?? []).length;
  const settled = async () => {
    await until(() => count(/replacing the engine/g) === count(/running again/g), "the new engine is there");
    return session.engine();
  };

  /** Runs `harm` with the neighbour under load; afterwards all is well. */
  async function withNeighbour(harm) {
    const engine = await settled();
    const replaced = count(/replacing the engine/g);
    const load = quietLoad(session);
    try {
      await harm(load);
    } finally {
      await load.stop();
    }
    const { status, text } = await harmful("/ok");
    assert.equal(`${status} ${text}`, "200 ok");
    // Isolates that cannot be stopped are lost, and a few of them are one too many: then, and only
    // then, there is a new process.
    const after = await settled();
    if (count(/replacing the engine/g) === replaced) assert.equal(after, engine, "the process is the same");
    assert.doesNotMatch(session.output, /the engine (was killed|exited)/);
  }

  for (const [name, path, expected] of harms) {
    test(name, patience, () =>
      withNeighbour(async () => {
        const { status, text } = await harmful(path);
        assert.match(`${status} ${text}`, expected);
      }));
  }

  test("an object that looped for ever starts anew", async () => {
    const { status, text } = await harmful("/object");
    assert.equal(`${status} ${text}`, "200 1");
  });

  test("a promise that never settles", patience, () =>
    withNeighbour(async () => {
      const { status, text } = await harmful("/never");
      assert.equal(status, 500);
      assert.match(text, /hung/);
    }));

  for (const [name, framing] of [
    ["announced", `Content-Length: ${2 ** 30}`],
    ["in chunks", "Transfer-Encoding: chunked"],
  ]) {
    test(`a body of 1 GiB, ${name}`, patience, () =>
      withNeighbour(async () => {
        const memoryBefore = residentMiB(session.engine());
        let most = 0;
        const socket = connect(session.port, "127.0.0.1");
        await once(socket, "connect");
        let answer = "";
        const closed = new Promise((resolve) => socket.on("close", resolve)).then(() => (socket.over = true));
        socket.setEncoding("latin1").on("data", (text) => (answer += text));
        socket.on("error", () => {}); // it is closed while we write
        socket.write(`POST /body HTTP/1.1\r\nHost: harmful.localhost\r\n${framing}\r\n\r\n`);
        const chunk = Buffer.alloc(1 << 20, "x");
        const bytes = framing.startsWith("Transfer") ? Buffer.concat([Buffer.from("100000\r\n"), chunk, Buffer.from("\r\n")]) : chunk;
        for (let sent = 0; sent < 1024 && !socket.over && answer === ""; ++sent) {
          if (!socket.write(bytes)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
          await new Promise((resolve) => setImmediate(resolve)); // looks whether an answer came
          most = Math.max(most, residentMiB(session.engine()));
        }
        await until(() => answer !== "" || socket.over, "it is answered or refused");
        assert.match(answer, /^HTTP\/1\.1 413 /);
        assert.ok(most - memoryBefore < 300, `the body is not kept: ${memoryBefore} MiB, then ${most} MiB`);
        socket.destroy();
      }));
  }

  test("everything at once", patience, () =>
    withNeighbour(async () => {
      const paths = ["/forever", "/timers", "/deep", "/throw", "/buffers", "/object-forever", "/regexp"];
      const answers = await Promise.all(paths.map((path) => harmful(path)));
      for (const [i, { status }] of answers.entries()) assert.ok([200, 500, 503].includes(status), `${paths[i]}: ${status}`);
    }));
});

describe("SIGTERM ends in its time and with status 0", () => {
  for (const [name, source] of [
    ["during an endless loop", "for (;;);"],
    ["during a loop that cannot be interrupted", "for (;;) new Array(1000).fill(0.5);"],
    ["while a promise never settles", "await new Promise(() => {});"],
  ]) {
    test(name, patience, async (t) => {
      const folder = project(t, {
        source: `export default { async fetch(request) {
          if (new URL(request.url).pathname === "/ok") return new Response("ok");
          console.log("started");
          ${source}
        } };`,
      });
      const session = await serve(t, folder, "--threads", "1", "--drain-timeout", "300");
      const answer = ask(session.port, "/").catch(() => null);
      await session.waitFor(/started/);
      const engine = session.engine();
      assert.equal(await session.stop("SIGTERM"), 0);
      assert.ok(!isRunning(engine));
      await answer;
    });
  }
});
