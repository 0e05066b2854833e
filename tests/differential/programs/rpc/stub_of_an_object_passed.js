// Stubs of Durable Objects and service bindings as arguments and results.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { attempt } from "lines";

export class Named extends DurableObject {
  who() {
    return `object ${this.ctx.id.name}`;
  }
  other(name) {
    return this.env.Named.getByName(name);
  }
  async ask(stub) {
    return stub.who();
  }
}
export class Entry extends WorkerEntrypoint {
  who() {
    return "entrypoint";
  }
}

export default async (env) => {
  const stub = env.Named.getByName("a");
  await attempt("stub as argument", () => stub.ask(env.Named.getByName("b")));
  await attempt("service as argument", () => stub.ask(env.Entry));
  await attempt("stub as result", async () => (await stub.other("c")).who());
  await attempt("pipelined", () => stub.other("d").who());
};
