// Tags: getWebSockets(tag), getTags(), what is refused.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const accept = (...args) => {
      const server = Object.values(new WebSocketPair())[1];
      this.ctx.acceptWebSocket(server, ...args);
      return server;
    };
    const a = accept(["red", "blue"]);
    const b = accept(["blue"]);
    accept();
    print("all", this.ctx.getWebSockets().length);
    print("blue", this.ctx.getWebSockets("blue").length, this.ctx.getWebSockets("blue").includes(b));
    print("none", this.ctx.getWebSockets("green"), this.ctx.getWebSockets("").length);
    print("tags", this.ctx.getTags(a), this.ctx.getTags(b));
    print("same", this.ctx.getWebSockets("red")[0] === a);
    await attempt("doubles", () => this.ctx.getTags(accept(["x", "x", "y"])));
    await attempt("11 tags", () => accept(Array.from({ length: 11 }, (_, i) => `t${i}`)));
    await attempt("10 tags", () => this.ctx.getTags(accept(Array.from({ length: 10 }, (_, i) => `t${i}`))).length);
    await attempt("long", () => accept(["t".repeat(257)]));
    await attempt("256", () => this.ctx.getTags(accept(["t".repeat(256)]))[0].length);
    await attempt("empty", () => this.ctx.getTags(accept([""])));
    await attempt("not a list", () => accept("tag"));
    await attempt("numbers", () => this.ctx.getTags(accept([1, 2])));
    await attempt("tags of another", () => this.ctx.getTags(Object.values(new WebSocketPair())[0]));
    return new Response();
  }

  webSocketMessage() {}
}

export default (env) => env.Room.getByName("r").fetch("http://r/");
