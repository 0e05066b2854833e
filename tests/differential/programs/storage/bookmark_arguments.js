// What the calls of point-in-time recovery take.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await attempt("no time", () => storage.getBookmarkForTime());
    await attempt("text for a time", () => storage.getBookmarkForTime("yesterday"));
    await attempt("NaN", () => storage.getBookmarkForTime(NaN));
    await attempt("no date", () => storage.getBookmarkForTime(new Date(NaN)));
    await attempt("too late", () => storage.getBookmarkForTime(1e16));
    await attempt("no bookmark", () => storage.onNextSessionRestoreBookmark());
    print("promises", storage.getCurrentBookmark() instanceof Promise);
    await attempt("thrown or rejected", async () => {
      const result = storage.getBookmarkForTime("x");
      return result instanceof Promise;
    });
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
