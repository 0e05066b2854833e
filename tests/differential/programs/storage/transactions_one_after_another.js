// Transactions that are started together run one after another.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("n", 0);
    const add = (name) =>
      storage.transaction(async (transaction) => {
        print(`${name} begins`);
        const n = await transaction.get("n");
        await pause(5);
        await transaction.put("n", n + 1);
        print(`${name} ends`);
      });
    await Promise.all([add("first"), add("second"), add("third")]);
    print("n", await storage.get("n"));
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
