// get() and getByName(): stubs, their ids and names.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  const id = env.A.idFromName("x");
  const stub = env.A.get(id);
  print("id", stub.id.equals(id), stub.id === id, stub.name, env.A.get(env.A.newUniqueId()).name);
  print("by name", env.A.getByName("x").id.equals(id), env.A.getByName("x").name);
  print("kind", Object.prototype.toString.call(stub), stub.constructor.name);
  await attempt("hint", () => env.A.get(id, { locationHint: "weur" }).name);
  await attempt("unknown hint", () => env.A.get(id, { locationHint: "moon" }).name);
  await attempt("text", () => env.A.get("x"));
  await attempt("nothing", () => env.A.get());
  await attempt("no name", () => env.A.getByName());
  await attempt("id of text", () => env.A.get(id.toString()));
};
