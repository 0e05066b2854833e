// Members of an instance live between requests, and so does what is stored.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class A extends DurableObject {
  seen = [];

  async fetch(request) {
    this.seen.push(new URL(request.url).pathname);
    const stored = ((await this.ctx.storage.get("stored")) ?? 0) + 1;
    await this.ctx.storage.put("stored", stored);
    return Response.json([this.seen, stored]);
  }
}

export default async (env) => {
  for (const path of ["/a", "/b", "/c"]) print(path, await (await env.A.getByName("a").fetch(`http://a${path}`)).json());
};
