// The object's id and name in alarm().
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ended = false;

export class Clock extends DurableObject {
  async fetch() {
    await this.ctx.storage.setAlarm(Date.now());
    return new Response();
  }

  alarm() {
    print("name", this.ctx.id.name, this.ctx.id.toString() === this.env.Clock.idFromName("the name").toString());
    ended = true;
  }
}

export default async (env) => {
  await env.Clock.getByName("the name").fetch("http://c/");
  await until(() => ended);
};
