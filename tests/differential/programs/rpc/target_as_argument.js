// An RpcTarget as argument, with state on the caller's side.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { print } from "lines";

class Log extends RpcTarget {
  entries = [];
  async write(text) {
    this.entries.push(text);
    return this.entries.length;
  }
}

export class Worker1 extends DurableObject {
  async work(log) {
    const first = await log.write("started");
    const second = await log.write("ended");
    return [first, second];
  }
}

export default async (env) => {
  const log = new Log();
  print("lengths", await env.Worker1.getByName("w").work(log));
  print("entries", log.entries);
};
