// An object that calls itself through a stub does not deadlock.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Self extends DurableObject {
  async fetch(request) {
    const depth = Number(new URL(request.url).searchParams.get("depth"));
    if (depth === 0) return new Response("bottom");
    const answer = await this.env.Self.get(this.ctx.id).fetch(`http://s/?depth=${depth - 1}`);
    return new Response(`${depth} ${await answer.text()}`);
  }
}

export default async (env) => print("answer", await (await env.Self.getByName("s").fetch("http://s/?depth=3")).text());
