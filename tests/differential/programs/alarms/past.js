// A time that has passed runs at once.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ran = false;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.storage.setAlarm(1);
    return new Response();
  }

  alarm() {
    print("alarm");
    ran = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("c").fetch("http://c/");
  await until(() => ran);
};
