// What acceptWebSocket() refuses.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const [a] = Object.values(new WebSocketPair());
    a.accept();
    await attempt("accepted already", () => this.ctx.acceptWebSocket(a));
    const [b] = Object.values(new WebSocketPair());
    await attempt("first", () => this.ctx.acceptWebSocket(b));
    await attempt("twice", () => this.ctx.acceptWebSocket(b));
    await attempt("accept after", () => b.accept());
    await attempt("response after", () => new Response(null, { status: 101, webSocket: b }).status);
    await attempt("nothing", () => this.ctx.acceptWebSocket());
    await attempt("object", () => this.ctx.acceptWebSocket({}));
    return new Response();
  }

  webSocketMessage() {}
}

export default (env) => env.Room.getByName("r").fetch("http://r/");
