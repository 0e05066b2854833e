// deleteAlarm() and setAlarm() within alarm().
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
    await storage.deleteAlarm();
    print("deleted", await storage.getAlarm());
    await storage.setAlarm(Date.now() + 100_000);
    print("set", (await storage.getAlarm()) === null);
    await storage.deleteAlarm();
    print("deleted again", await storage.getAlarm());
    ended = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ended);
};
