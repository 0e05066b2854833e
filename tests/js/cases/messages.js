import { describe, equal, ok, test, throws } from "../harness.js";

describe("messages");

test("a channel's ports speak to each other", async () => {
  const { port1, port2 } = new MessageChannel();
  ok(port1 instanceof MessagePort && port1 instanceof EventTarget);
  const seen = [];
  const done = new Promise((resolve) => {
    port2.onmessage = ({ data }) => {
      seen.push(data);
      if (data === "last") resolve();
    };
  });
  const sent = { a: [1, new Map([["k", new Date(0)]])] };
  port1.postMessage(sent);
  port1.postMessage("last");
  equal(seen, []);
  await done;
  ok(seen[0] !== sent && seen[0].a[1].get("k").getTime() === 0);
});

test("messages wait until the port is started", async () => {
  const { port1, port2 } = new MessageChannel();
  const seen = [];
  port2.addEventListener("message", ({ data }) => seen.push(data));
  port1.postMessage(1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  equal(seen, []);
  port2.start();
  await new Promise((resolve) => setTimeout(resolve, 1));
  equal(seen, [1]);
});

test("what cannot be cloned is refused, and a closed port is silent", async () => {
  const { port1, port2 } = new MessageChannel();
  throws(() => port1.postMessage(() => {}), "DataCloneError");
  let count = 0;
  port2.onmessage = () => ++count;
  port1.close();
  port1.postMessage(1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  equal(count, 0);
  throws(() => new MessagePort(), TypeError);
});
