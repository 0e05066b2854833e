// An alarm runs alarm(), once, and is gone while it runs.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let runs = 0;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.storage.setAlarm(Date.now() + 5);
    print("set", typeof (await this.ctx.storage.getAlarm()));
    return new Response();
  }

  async alarm(info) {
    print("alarm", Object.keys(info ?? {}).sort(), info?.isRetry, info?.retryCount);
    print("while it runs", await this.ctx.storage.getAlarm());
    ++runs;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => runs > 0);
  print("runs", runs);
};
