// Documents of yjs that several people edit, on y-partyserver.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import YProvider from "y-partyserver/provider";
import * as Y from "yjs";
import { until } from "../support/selvage.mjs";
import { runtimes } from "./workerd.mjs";

for (const { name, start } of runtimes("yjs", { Documents: "Documents" })) {
  test(`y-partyserver on ${name}: two clients converge, and the document is kept`, async (t) => {
    const server = await start(t);
    const client = () => {
      const document = new Y.Doc();
      const provider = new YProvider(`localhost:${server.port}`, "page", document, {
        party: "documents", WebSocketPolyfill: WebSocket, disableBc: true,
      });
      t.after(() => provider.destroy());
      return { document, provider, text: document.getText("text") };
    };
    const [one, two] = [client(), client()];
    one.text.insert(0, "one ");
    two.text.insert(0, "two ");
    for (let i = 0; i < 20; ++i) {
      one.text.insert(one.text.length, "a");
      two.text.insert(0, "b");
    }
    const converged = () => one.text.length === 48 && one.text.toString() === two.text.toString();
    await until(converged, "the clients agree");
    one.provider.awareness.setLocalStateField("user", "one");
    await until(() => [...two.provider.awareness.getStates().values()].some(({ user }) => user === "one"), "presence arrives");
    const seen = async () => (await fetch(`${server.url}/parties/documents/page`)).json();
    await until(async () => (await seen()).stored.length === 48, "the document is kept");
    assert.deepEqual(await seen(), { now: one.text.toString(), stored: one.text.toString() });
    // Somebody who comes later gets the whole.
    const late = client();
    await until(() => late.text.toString() === one.text.toString(), "the third has it too");
  });
}
