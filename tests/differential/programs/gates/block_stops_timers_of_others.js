// While the object is blocked, timers that were set outside of the block wait.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Blocker extends DurableObject {
  async fetch() {
    const timer = pause(5).then(() => print("timer"));
    await this.ctx.blockConcurrencyWhile(async () => {
      print("blocked");
      await this.env.Slow.getByName("s").fetch("http://s/");
      print("unblocking");
    });
    await timer;
    return new Response();
  }
}

export class Slow extends DurableObject {
  async fetch() {
    await pause(60);
    return new Response();
  }
}

export default (env) => env.Blocker.getByName("b").fetch("http://b/");
