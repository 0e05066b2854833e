// setAlarm() of a class without alarm().
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Plain extends DurableObject {
  async fetch() {
    await attempt("set", () => this.ctx.storage.setAlarm(Date.now() + 1000));
    await attempt("get", () => this.ctx.storage.getAlarm());
    await attempt("delete", () => this.ctx.storage.deleteAlarm());
    return new Response();
  }
}

export default (env) => env.Plain.getByName("p").fetch("http://p/");
