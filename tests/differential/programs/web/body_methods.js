// Each way to read a body, of each kind of body.
import { attempt } from "lines";

export default async () => {
  const kinds = { text: () => "t\u00e9", bytes: () => new Uint8Array([0x7b, 0x7d]), blob: () => new Blob(["{}"], { type: "a/b" }), params: () => new URLSearchParams({ a: "1 2", b: "&" }), null: () => null };
  for (const [name, make] of Object.entries(kinds)) {
    for (const method of ["text", "arrayBuffer", "bytes", "json"]) await attempt(`${name} ${method}`, () => new Response(make())[method]());
    await attempt(`${name} blob`, async () => {
      const blob = await new Response(make()).blob();
      return [blob.type, await blob.text()];
    });
  }
};
