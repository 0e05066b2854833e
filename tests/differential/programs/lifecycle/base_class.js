// DurableObject and WorkerEntrypoint as classes.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { attempt, print } from "lines";

export default async () => {
  print("classes", typeof DurableObject, DurableObject.name, DurableObject.length, WorkerEntrypoint.name, WorkerEntrypoint.length);
  await attempt("new DurableObject", () => Object.keys(new DurableObject({ a: 1 }, {})));
  await attempt("new WorkerEntrypoint", () => Object.keys(new WorkerEntrypoint({}, {})));
  print("prototypes", Object.getOwnPropertyNames(DurableObject.prototype), Object.getOwnPropertyNames(WorkerEntrypoint.prototype));
};
