// Which errors of put() and get() are thrown and which are rejections.
import { DurableObject } from "cloudflare:workers";
import { attemptNow } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attemptNow("put()", () => storage.put());
    await attemptNow("put(key, undefined)", () => storage.put("key", undefined));
    await attemptNow("put(key, function)", () => storage.put("key", () => {}));
    await attemptNow("get()", () => storage.get());
    await attemptNow("delete()", () => storage.delete());
    await attemptNow("list(5)", () => storage.list(5));
    await attemptNow("put", () => storage.put("key", 1));
    await attemptNow("get", () => storage.get("key"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
