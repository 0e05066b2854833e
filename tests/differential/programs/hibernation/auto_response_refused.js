// WebSocketRequestResponsePair and its limits.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const set = (...args) => this.ctx.setWebSocketAutoResponse(...args);
    await attempt("2048", () => set(new WebSocketRequestResponsePair("r".repeat(2048), "a".repeat(2048))));
    await attempt("long request", () => set(new WebSocketRequestResponsePair("r".repeat(2049), "a")));
    await attempt("long response", () => set(new WebSocketRequestResponsePair("r", "a".repeat(2049))));
    await attempt("one argument", () => new WebSocketRequestResponsePair("r"));
    await attempt("numbers", () => new WebSocketRequestResponsePair(1, 2).response);
    await attempt("plain object", () => set({ request: "r", response: "a" }));
    await attempt("taken away", () => set());
    print("after", this.ctx.getWebSocketAutoResponse());
    return new Response();
  }
}

export default (env) => env.Room.getByName("r").fetch("http://r/");
