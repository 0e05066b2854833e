// Members of ctx for hibernation.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Room extends DurableObject {
  async fetch() {
    for (const name of ["acceptWebSocket", "getWebSockets", "getTags", "setWebSocketAutoResponse", "getWebSocketAutoResponse", "getWebSocketAutoResponseTimestamp", "setHibernatableWebSocketEventTimeout", "getHibernatableWebSocketEventTimeout"]) print(name, typeof this.ctx[name]);
    await attempt("timeout", () => this.ctx.getHibernatableWebSocketEventTimeout());
    await attempt("set", () => this.ctx.setHibernatableWebSocketEventTimeout(5000));
    await attempt("read", () => this.ctx.getHibernatableWebSocketEventTimeout());
    await attempt("too long", () => this.ctx.setHibernatableWebSocketEventTimeout(604_800_001));
    print("class", typeof WebSocketRequestResponsePair, typeof WebSocketPair);
    return new Response();
  }
}

export default (env) => env.Room.getByName("r").fetch("http://r/");
