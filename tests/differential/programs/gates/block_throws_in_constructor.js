// A constructor whose blocked callback throws: what callers get, and that the next request tries again.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

let tries = 0;

export class Late extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await ctx.storage.get("x");
      if (++tries < 3) throw new Error(`try ${tries} failed`);
    });
  }

  fetch() {
    return new Response("ready");
  }
}

export default async (env) => {
  for (let i = 0; i < 3; ++i) {
    await attempt(`request ${i}`, async () => (await env.Late.getByName("l").fetch("http://l/")).text());
  }
};
