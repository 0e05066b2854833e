// deleteAll() and the alarm, with an old compatibility date.
// @date 2024-01-01
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Clock extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + 100_000);
    await storage.put("a", 1);
    await storage.deleteAll();
    print("alarm", (await storage.getAlarm()) === null, await storage.get("a"));
    await storage.deleteAlarm();
    return new Response();
  }

  alarm() {}
}

export default (env) => env.Clock.getByName("c").fetch("http://c/");
