// Two blocks started together: one after the other?
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Twice extends DurableObject {
  async fetch() {
    const block = (name, ms) => this.ctx.blockConcurrencyWhile(async () => {
      print(`${name} begins`);
      await pause(ms);
      print(`${name} ends`);
      return name;
    });
    print("values", await Promise.all([block("first", 20), block("second", 5)]));
    return new Response();
  }
}

export default (env) => env.Twice.getByName("t").fetch("http://t/");
