// blockConcurrencyWhile() in a request: others wait, its value is the caller's.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Blocker extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    print(`${name} begins`);
    if (name === "/first") {
      const value = await this.ctx.blockConcurrencyWhile(async () => {
        print("blocked");
        await pause(30);
        print("unblocking");
        return "value";
      });
      print("value", value);
    }
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Blocker.getByName("b");
  await Promise.all([stub.fetch("http://b/first"), stub.fetch("http://b/second")]);
};
