// examples/counter-game: counts, rounds that an alarm ends, and a server that is restarted meanwhile.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import { root, Session, temporaryFolder, until } from "./selvage.mjs";

/** The example with rounds of `seconds`. */
function example(t, seconds) {
  const folder = temporaryFolder(t);
  cpSync(join(root, "examples/counter-game"), folder, { recursive: true });
  const config = join(folder, "wrangler.toml");
  writeFileSync(config, readFileSync(config, "utf8").replace("ROUND_SECONDS = 20", `ROUND_SECONDS = ${seconds}`));
  return folder;
}

const serve = (t, folder, data) => new Session(t, ["serve", folder, "--port", "0", "--data", data]).ready();

async function enter(t, { port }, game, player) {
  const socket = new WebSocket(`ws://localhost:${port}/play/${game}?player=${player}`);
  t.after(() => socket.terminate());
  const seen = [];
  socket.on("message", (data) => seen.push(JSON.parse(String(data))));
  socket.on("error", () => {});
  await until(() => seen.length > 0, `${player} is told the state`);
  return {
    socket,
    count: (times) => {
      for (let i = 0; i < times; ++i) socket.send("count");
    },
    state: () => seen.findLast(({ type }) => type === "state"),
    over: () => seen.find(({ type }) => type === "over"),
  };
}

test("counts of several players, and the end of the round", async (t) => {
  const session = await serve(t, example(t, 3), temporaryFolder(t));
  assert.match(await session.get("/"), /Who counts furthest\?/);
  const ada = await enter(t, session, "a", "ada");
  const bob = await enter(t, session, "a", "bob");
  const eve = await enter(t, session, "b", "eve");
  ada.count(20);
  bob.count(30);
  await until(() => ada.over() && bob.over(), "the round ends");
  const end = { type: "over", round: 1, winner: "bob", scores: { ada: 20, bob: 30 } };
  assert.deepEqual([ada.over(), bob.over()], [end, end]);
  assert.deepEqual(eve.state()?.round.scores, {});
  ada.count(1);
  await until(() => ada.state()?.round.number === 2, "the next round begins");
});

test("a round outlives the server", async (t) => {
  const folder = example(t, 4);
  const data = temporaryFolder(t);
  const first = await serve(t, folder, data);
  const before = await enter(t, first, "a", "ada");
  before.count(5);
  await until(() => before.state()?.round.scores.ada === 5, "five counts are seen");
  first.child.kill("SIGKILL");
  await first.exited;
  const second = await serve(t, folder, data);
  const after = await enter(t, second, "a", "bob");
  // The alarm may have rung before bob came: then the score is gone with its round.
  if (after.state()?.round.number === 2) return;
  if (after.state() !== undefined) assert.deepEqual(after.state()?.round.scores, { ada: 5 });
  await until(() => after.over(), "the alarm rings");
  assert.deepEqual(after.over(), { type: "over", round: 1, winner: "ada", scores: { ada: 5 } });
});
