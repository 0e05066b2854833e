// newUniqueId(): no two alike, no name.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  const ids = Array.from({ length: 50 }, () => env.A.newUniqueId());
  print("apart", new Set(ids.map(String)).size, ids[0].equals(ids[1]), ids[0].name);
  await attempt("options", () => typeof env.A.newUniqueId({}).toString());
  await attempt("bad options", () => typeof env.A.newUniqueId("x").toString());
};
