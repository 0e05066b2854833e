// An alarm that sets the next one.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ended = false;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.storage.setAlarm(Date.now());
    return new Response();
  }

  async alarm() {
    const { storage } = this.ctx;
    const n = ((await storage.get("n")) ?? 0) + 1;
    await storage.put("n", n);
    print("alarm", n);
    if (n < 4) await storage.setAlarm(Date.now() + 2);
    print("next", (await storage.getAlarm()) === null);
    ended = n === 4;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ended);
};
