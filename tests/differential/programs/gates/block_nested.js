// blockConcurrencyWhile() within itself.
import { DurableObject } from "cloudflare:workers";
import { attempt, pause, print } from "lines";

export class Nested extends DurableObject {
  async fetch() {
    await attempt("outer", () => this.ctx.blockConcurrencyWhile(async () => {
      print("outer begins");
      const inner = await this.ctx.blockConcurrencyWhile(async () => {
        await pause(5);
        print("inner");
        return "inner value";
      });
      return [inner, "outer value"];
    }));
    return new Response();
  }
}

export default (env) => env.Nested.getByName("n").fetch("http://n/");
