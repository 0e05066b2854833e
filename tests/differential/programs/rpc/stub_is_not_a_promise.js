// A stub is not thenable, and does not look like what it is not.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { print } from "lines";

export class Thing extends DurableObject {
  then() {
    return "then";
  }
}
export class Entry extends WorkerEntrypoint {}

export default async (env) => {
  const stub = env.Thing.getByName("t");
  print("then", typeof stub.then, typeof env.Entry.then);
  print("awaited", (await stub) === stub, (await env.Entry) === env.Entry);
  print("tag", Object.prototype.toString.call(stub), Object.prototype.toString.call(env.Entry));
  print("typeof", typeof stub, typeof env.Entry, typeof stub.anything, typeof env.Entry.anything);
  print("in", "anything" in stub, "fetch" in stub, Object.keys(stub));
  print("symbol", stub[Symbol.iterator], stub[Symbol.toPrimitive]);
};
