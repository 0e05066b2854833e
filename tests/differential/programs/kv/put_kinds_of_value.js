// What put() takes as a value, and how it reads back.
import { attempt, print } from "lines";

export default async (env) => {
  const bytes = new Uint8Array([0, 1, 254, 255]);
  const values = {
    text: "héllo €",
    "empty text": "",
    buffer: bytes.buffer,
    view: bytes.subarray(1, 3),
    "data view": new DataView(bytes.buffer, 2),
    "16 bit view": new Uint16Array([1, 2]),
    stream: new Response("streamed").body,
    "empty stream": new Response("").body,
  };
  for (const [name, value] of Object.entries(values)) {
    print(`put ${name}`, await env.KV.put(name, value));
    print(`get ${name}`, await env.KV.get(name, "arrayBuffer"));
  }
  for (const [name, value] of Object.entries({ number: 5, boolean: true, null: null, undefined: undefined, object: {}, list: [1, 2], date: new Date(0) })) {
    await attempt(`put ${name}`, () => env.KV.put(`odd ${name}`, value));
    await attempt(`get ${name}`, () => env.KV.get(`odd ${name}`));
  }
};
