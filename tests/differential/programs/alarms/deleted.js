// A deleted alarm does not run.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Clock extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    print("none", await storage.getAlarm());
    await storage.setAlarm(Date.now() + 30);
    print("delete", await storage.deleteAlarm());
    print("after", await storage.getAlarm());
    print("again", await storage.deleteAlarm());
    return new Response();
  }

  alarm() {
    print("alarm");
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await pause(80);
};
