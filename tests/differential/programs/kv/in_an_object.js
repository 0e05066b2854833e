// Durable Objects use KV as workers do.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Writer extends DurableObject {
  async fetch() {
    await this.env.KV.put("from object", "stored", { metadata: this.ctx.id.name });
    return new Response(await this.env.KV.get("from object"));
  }
}

export default async (env) => {
  print("object", await (await env.Writer.getByName("w").fetch("http://x/")).text());
  print("worker", await env.KV.getWithMetadata("from object"));
};
