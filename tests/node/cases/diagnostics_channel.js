import { AsyncLocalStorage } from "node:async_hooks";
import channels from "node:diagnostics_channel";
import { describe, equal, ok, test } from "../../js/harness.js";

describe("diagnostics_channel");

test("what is published reaches the subscribers", () => {
  const channel = channels.channel("a");
  ok(channel === channels.channel("a"));
  const seen = [];
  const subscriber = (message, name) => seen.push([message, name]);
  equal(channels.hasSubscribers("a"), false);
  channels.subscribe("a", subscriber);
  ok(channel.hasSubscribers);
  channel.publish({ x: 1 });
  ok(channels.unsubscribe("a", subscriber) && !channel.hasSubscribers);
  channel.publish(2);
  equal(seen, [[{ x: 1 }, "a"]]);
});

test("runStores", () => {
  const store = new AsyncLocalStorage();
  const channel = channels.channel("stores");
  channel.bindStore(store, (message) => message.value + 1);
  equal(channel.runStores({ value: 1 }, (a) => [a, store.getStore()], undefined, "arg"), ["arg", 2]);
  channel.unbindStore(store);
});

test("a tracing channel", async () => {
  const tracing = channels.tracingChannel("t");
  const seen = [];
  tracing.subscribe({
    start: () => seen.push("start"), end: () => seen.push("end"), error: ({ error }) => seen.push(error.message),
    asyncStart: () => seen.push("asyncStart"), asyncEnd: () => seen.push("asyncEnd"),
  });
  equal(tracing.traceSync((a) => a + 1, {}, undefined, 1), 2);
  equal(await tracing.tracePromise(async () => 3, {}), 3);
  await tracing.tracePromise(async () => { throw new Error("bad"); }, {}).catch(() => {});
  equal(seen, ["start", "end", "start", "end", "asyncStart", "asyncEnd", "start", "end", "bad", "asyncStart", "asyncEnd"]);
});
