// waitUntil() in an object goes on after the answer.
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

let done = false;

export class Waiter extends DurableObject {
  fetch() {
    this.ctx.waitUntil((async () => {
      await pause(10);
      await this.ctx.storage.put("late", true);
      print("late write");
      done = true;
    })());
    return new Response("answered");
  }
}

export default async (env) => {
  print("answer", await (await env.Waiter.getByName("w").fetch("http://w/")).text());
  await until(() => done);
};
