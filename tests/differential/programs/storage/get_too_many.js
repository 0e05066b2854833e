// More keys than one call takes.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const keys = (count) => Array.from({ length: count }, (_, i) => `k${String(i).padStart(3, "0")}`);
    await attempt("get 128", async () => (await storage.get(keys(128))).size);
    await attempt("get 129", async () => (await storage.get(keys(129))).size);
    await attempt("put 128", () => storage.put(Object.fromEntries(keys(128).map((key) => [key, 1]))));
    await attempt("put 129", () => storage.put(Object.fromEntries(keys(129).map((key) => [key, 1]))));
    await attempt("delete 128", () => storage.delete(keys(128)));
    await attempt("delete 129", () => storage.delete(keys(129)));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
