// An alarm that throws runs again, with the count of its retries.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ended = false;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.storage.setAlarm(Date.now());
    return new Response();
  }

  async alarm({ isRetry, retryCount }) {
    print("alarm", isRetry, retryCount);
    if (retryCount === 0) throw new Error("first time");
    ended = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ended);
};
