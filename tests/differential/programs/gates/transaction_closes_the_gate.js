// During a transaction that waits, other requests wait, too.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Bank extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    await this.ctx.storage.transaction(async (transaction) => {
      print(`${name} begins`);
      const n = (await transaction.get("n")) ?? 0;
      await pause(10);
      await transaction.put("n", n + 1);
      print(`${name} ends`);
    });
    return new Response(String(await this.ctx.storage.get("n")));
  }
}

export default async (env) => {
  const stub = env.Bank.getByName("b");
  const answers = await Promise.all(["/a", "/b"].map(async (path) => (await stub.fetch(`http://b${path}`)).text()));
  print("n", answers[1]);
};
