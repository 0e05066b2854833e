// Names that a stub does not send on.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { attempt } from "lines";

const names = ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "constructor", "dup", "connect", "then", "catch", "finally", "toJSON", "get", "put", "delete", "scheduled", "queue", "id", "name"];

export class Object1 extends DurableObject {
  ordinary() {
    return "ordinary";
  }
}
export class Entry extends WorkerEntrypoint {}
for (const name of names.filter((name) => name !== "constructor")) {
  Object1.prototype[name] = Entry.prototype[name] = () => `called ${name}`;
}

export default async (env) => {
  const stub = env.Object1.getByName("o");
  await attempt("ordinary", () => stub.ordinary());
  for (const name of ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "catch", "finally", "toJSON", "scheduled", "queue"]) {
    await attempt(`object ${name}`, async () => {
      const result = await stub[name]();
      return typeof result === "string" ? result : typeof result;
    });
  }
  for (const name of ["alarm", "webSocketMessage", "catch", "finally", "toJSON"]) {
    await attempt(`entrypoint ${name}`, async () => {
      const result = await env.Entry[name]();
      return typeof result === "string" ? result : typeof result;
    });
  }
};
