// What happens to the object when a blocked callback throws.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

let made = 0;

export class Blocker extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.number = ++made;
  }

  async fetch(request) {
    if (new URL(request.url).pathname === "/throw") {
      await attempt("inside", () => this.ctx.blockConcurrencyWhile(async () => {
        throw new RangeError("bad start");
      }));
    }
    return new Response(String(this.number));
  }
}

export default async (env) => {
  const text = async (stub, path) => (await stub.fetch(`http://b${path}`)).text();
  print("before", await text(env.Blocker.getByName("b"), "/"));
  await attempt("throwing", () => text(env.Blocker.getByName("b"), "/throw"));
  await attempt("after", () => text(env.Blocker.getByName("b"), "/"));
};
