// No request begins before what the constructor blocks for.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Slow extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    print("constructor");
    ctx.blockConcurrencyWhile(async () => {
      print("blocking");
      await pause(20);
      this.ready = "ready";
      print("done");
    });
    print("constructed");
  }

  fetch() {
    print("request", this.ready);
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Slow.getByName("s");
  await Promise.all([stub.fetch("http://s/"), stub.fetch("http://s/")]);
};
