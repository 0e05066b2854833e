// A write that is not awaited and cannot be cloned: the request goes on.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Writer extends DurableObject {
  async fetch() {
    this.ctx.storage.put("bad", () => {}).catch((error) => print("rejected", error.name));
    await this.ctx.storage.put("good", 1);
    return new Response("answered");
  }
}

export default async (env) => print("answer", await (await env.Writer.getByName("w").fetch("http://w/")).text());
