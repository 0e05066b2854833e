// An alarm does not run while the object is blocked.
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

let ended = false;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.setAlarm(Date.now());
      await pause(40);
      print("unblocking");
    });
    return new Response();
  }

  alarm() {
    print("alarm");
    ended = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ended);
};
