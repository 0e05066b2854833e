// Which values storage keeps, and what comes back.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const values = {
      string: "é€🙂", number: -0, nan: NaN, infinity: -Infinity, bigint: 123456789012345678901234567890n, boolean: false, null: null,
      date: new Date(86400000), invalid: new Date(NaN), regexp: /a\/b/gi, array: [1, , undefined, 3], sparse: new Array(3),
      map: new Map([[1, { a: 1 }], ["x", new Set([1])]]), set: new Set(["a", null]), error: new RangeError("bad"),
      buffer: new Uint8Array([1, 2, 3]).buffer, view: new Uint16Array([1, 2]), data: new DataView(new ArrayBuffer(2)),
      boxed: [new Number(1), new String("s"), new Boolean(true)], nested: { deep: [{ er: new Map() }] }, empty: {},
    };
    for (const [name, value] of Object.entries(values)) {
      await storage.put(name, value);
      print(name, await storage.get(name));
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
