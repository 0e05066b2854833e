// get() with an id of another class.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {}
export class B extends DurableObject {}

export default async (env) => {
  await attempt("named", () => env.B.get(env.A.idFromName("x")));
  await attempt("unique", () => env.B.get(env.A.newUniqueId()));
};
