// Bookmarks of point-in-time recovery: their kind and order.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const first = await attempt("kind", async () => typeof (await storage.getCurrentBookmark()));
    print("there", first);
    await storage.put("a", 1);
    await attempt("order", async () => {
      const before = await storage.getCurrentBookmark();
      await storage.put("a", 2);
      return before <= (await storage.getCurrentBookmark());
    });
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
