// Platform objects as values.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const values = { headers: () => new Headers({ a: "b" }), url: () => new URL("http://a/b"), request: () => new Request("http://a"), response: () => new Response("x"), blob: () => new Blob(["x"]), stream: () => new ReadableStream(), exception: () => new DOMException("no", "AbortError"), id: () => this.ctx.id, event: () => new Event("x") };
    for (const [name, make] of Object.entries(values)) {
      await attempt(`put ${name}`, () => storage.put(name, make()).then(() => "stored"));
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
