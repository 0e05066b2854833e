// Each object has an alarm of its own.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

const ran = [];

export class Clock extends DurableObject {
  async fetch(request) {
    await this.ctx.storage.setAlarm(Date.now() + Number(new URL(request.url).searchParams.get("in")));
    return new Response();
  }

  alarm() {
    ran.push(this.ctx.id.name);
  }
}

export default async (env) => {
  for (const [name, ms] of [["first", 200], ["second", 100], ["third", 10]]) {
    await env.Clock.getByName(name).fetch(`http://c/?in=${ms}`);
  }
  await until(() => ran.length === 3);
  print("ran", ran.sort());
};
