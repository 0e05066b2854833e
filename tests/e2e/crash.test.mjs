// kill -9 at random moments under write load: every acknowledged write is found afterwards, and the
// writes of a turn are all there or not at all.
//
// SELVAGE_SEED repeats a run's choices, SELVAGE_ROUNDS makes it longer.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { chooseSeed, Random } from "../support/random.mjs";
import { root, serve, temporaryFolder } from "../support/selvage.mjs";
import { WriteHistory } from "../support/write_history.mjs";

const rounds = Number(process.env.SELVAGE_ROUNDS ?? 10);
const objects = 24;
const keys = 12;
const longestRound = 600; // milliseconds until the kill

// A connection for each request: one that broke never stands for a later one. The answer's text, or
// null when there was none.
function ask(port, path) {
  return new Promise((resolve) => {
    const sent = request({ port, path, host: "127.0.0.1", agent: new Agent() }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(response.statusCode === 200 ? text : `${response.statusCode}: ${text}`));
      response.on("error", () => resolve(null));
    });
    sent.on("error", () => resolve(null));
    sent.end();
  });
}

class Writer {
  constructor(random, kind, name) {
    this.random = random;
    this.kind = kind;
    this.name = name;
    this.history = new WriteHistory(`${kind} ${name}`);
  }

  /** Writes until the connection breaks, or the kill fell between two writes. */
  async write(port, load) {
    while (!load.over) {
      const path = this.kind === "kv" ? "/kv/put" : this.random.pick(["/ledger/turn", "/ledger/awaiting", "/ledger/transaction"]);
      const number = this.history.attempt();
      const answer = await ask(port, `${path}?name=${this.name}&n=${number}`);
      if (answer === null) {
        assert.ok(load.over, `${this.history.place}: the connection broke before the kill`);
        return;
      }
      // An engine that lost its supervisor first ends what is in flight with an error: no promise.
      if (load.over && answer.startsWith("503")) return;
      assert.equal(answer, "written", `${path} ${this.history.place} ${number}`);
      this.history.acknowledge(number);
    }
  }

  async judge(port) {
    const answer = await ask(port, `/${this.kind === "kv" ? "kv" : "ledger"}/read?name=${this.name}`);
    assert.ok(answer?.startsWith("{"), `${this.history.place} cannot be read: ${answer}`);
    return this.history.judge(JSON.parse(answer));
  }
}

test("every acknowledged write survives kill -9", { timeout: 120_000 }, async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SELVAGE_SEED=${seed}`);
  const random = new Random(seed);
  const data = temporaryFolder(t);
  const start = () => serve(t, join(root, "tests/tenants/crash"), "--threads", "2", "--data", data);
  const writers = [
    ...Array.from({ length: objects }, (_, i) => new Writer(random, "object", `o${i}`)),
    ...Array.from({ length: keys }, (_, i) => new Writer(random, "kv", `k${i}`)),
  ];
  let session = await start();
  for (let round = 0; round < rounds; ++round) {
    const load = { over: false };
    const written = Promise.all(writers.map((writer) => writer.write(session.port, load)));
    const delay = random.between(1, longestRound);
    const kill = new Promise((resolve) => setTimeout(resolve, delay)).then(async () => {
      load.over = true;
      if (round % 4 === 3) {
        // Everything at once, and a new start: the supervisor has nothing to hand over either.
        await session.stop("SIGKILL");
        session = await start();
      } else {
        await session.killEngine();
      }
    });
    await Promise.all([written, kill]);
    const wrong = (await Promise.all(writers.map((writer) => writer.judge(session.port)))).flat();
    assert.deepEqual(wrong, [], `round ${round}, SELVAGE_SEED=${seed}\n${session.output}`);
  }
  const total = (outcome) => writers.reduce((sum, { history }) => sum + history.count(outcome), 0);
  t.diagnostic(`${total("acknowledged")} writes acknowledged, ${total("kept")} in doubt kept, ${total("lost")} lost`);
  assert.ok(total("acknowledged") > rounds * writers.length, "there was load");
  assert.equal(await session.stop(), 0);
});
