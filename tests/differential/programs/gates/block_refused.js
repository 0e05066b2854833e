// What blockConcurrencyWhile() takes.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Refused extends DurableObject {
  async fetch() {
    await attempt("nothing", () => this.ctx.blockConcurrencyWhile());
    await attempt("text", () => this.ctx.blockConcurrencyWhile("x"));
    await attempt("plain function", () => this.ctx.blockConcurrencyWhile(() => "value"));
    await attempt("promise", () => this.ctx.blockConcurrencyWhile(Promise.resolve(1)));
    return new Response();
  }
}

export default (env) => env.Refused.getByName("r").fetch("http://r/");
