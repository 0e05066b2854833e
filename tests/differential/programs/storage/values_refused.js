// Values that cannot be cloned: the error, and that nothing was stored.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const values = { function: () => {}, symbol: Symbol("s"), promise: Promise.resolve(), "weak map": new WeakMap(), member: { a: 1, f() {} }, proxy: new Proxy({}, {}), generator: (function* () {})() };
    for (const [name, value] of Object.entries(values)) {
      await attempt(`put ${name}`, () => storage.put(name, value));
    }
    await attempt("put of several", () => storage.put({ good: 1, bad: () => {} }));
    print("stored", await storage.list());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
