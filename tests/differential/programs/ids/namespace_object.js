// A namespace as an object.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  print("tag", Object.prototype.toString.call(env.A), env.A.constructor.name, Object.keys(env.A));
  print("methods", ["newUniqueId", "idFromName", "idFromString", "get", "getByName", "getExisting", "jurisdiction"].map((name) => `${name} ${typeof env.A[name]}`));
  const { idFromName } = env.A;
  await attempt("without this", () => idFromName("x"));
  await attempt("clone", () => structuredClone(env.A));
};
