// The last of several alarms counts.
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

let runs = 0;

export class Clock extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + 100_000);
    await storage.setAlarm(Date.now() + 10);
    return new Response();
  }

  async alarm() {
    ++runs;
    print("alarm", await this.ctx.storage.getAlarm());
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => runs === 1);
  await pause(30);
  print("runs", runs);
};
