// What an alarm wrote before it threw stays; a new instance carries on.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ended = false;

export class Clock extends DurableObject {
  instance = Math.random();

  async fetch() {
    await this.ctx.storage.put("instance", this.instance);
    await this.ctx.storage.setAlarm(Date.now());
    return new Response();
  }

  async alarm({ retryCount }) {
    print("alarm", retryCount, await this.ctx.storage.get("written"));
    print("same instance", (await this.ctx.storage.get("instance")) === this.instance);
    await this.ctx.storage.put("written", retryCount);
    if (retryCount === 0) throw new Error("no");
    ended = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ended);
};
