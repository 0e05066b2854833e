// An id as an object.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  const id = env.A.idFromName("x");
  print("tag", Object.prototype.toString.call(id), id.constructor.name);
  const members = [];
  for (const key in id) members.push(key);
  print("for in", members.sort());
  print("own", Object.getOwnPropertyNames(id).sort());
  await attempt("clone", () => structuredClone(id));
  await attempt("construct", () => new id.constructor());
  print("json", JSON.stringify(id) === JSON.stringify(id.toString()), typeof JSON.stringify(id));
};
