// A constructor that throws: the caller's error, and a new try with the next request.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

let tries = 0;

export class A extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (++tries < 3) throw new RangeError(`try ${tries}`);
  }

  fetch() {
    return new Response(`made at try ${tries}`);
  }
}

export default async (env) => {
  for (let i = 0; i < 3; ++i) await attempt(`request ${i}`, async () => (await env.A.getByName("a").fetch("http://a/")).text());
};
