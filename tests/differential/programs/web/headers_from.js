// What Headers can be made from.
import { attempt } from "lines";

export default async () => {
  for (const [name, init] of Object.entries({ map: new Map([["a", "1"]]), nested: { a: ["x", "y"] }, number: { a: 5, b: null, c: undefined }, headers: new Headers({ z: "1" }), empty: [], params: new URLSearchParams("q=1"), null: null, undefined, text: "a", list: [["a"]], triple: [["a", "b", "c"]] })) {
    await attempt(name, () => [...new Headers(init)]);
  }
};
