// serializeAttachment() and deserializeAttachment().
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Room extends DurableObject {
  async fetch() {
    const server = Object.values(new WebSocketPair())[1];
    print("before accept", server.deserializeAttachment());
    await attempt("set before accept", () => server.serializeAttachment({ early: true }));
    this.ctx.acceptWebSocket(server);
    print("early", server.deserializeAttachment());
    const value = { name: "n", list: [1, new Date(0)], map: new Map([["a", 1]]) };
    print("set", server.serializeAttachment(value));
    value.name = "changed";
    print("get", server.deserializeAttachment(), this.ctx.getWebSockets()[0].deserializeAttachment());
    await attempt("undefined", () => server.serializeAttachment(undefined));
    print("after undefined", server.deserializeAttachment());
    await attempt("null", () => server.serializeAttachment(null));
    print("after null", server.deserializeAttachment());
    await attempt("function", () => server.serializeAttachment(() => {}));
    await attempt("16 KiB", () => server.serializeAttachment("x".repeat(16 * 1024 - 8)));
    await attempt("more", () => server.serializeAttachment("x".repeat(16 * 1024 + 1)));
    await attempt("nothing", () => server.serializeAttachment());
    return new Response();
  }

  webSocketMessage() {}
}

export default (env) => env.Room.getByName("r").fetch("http://r/");
