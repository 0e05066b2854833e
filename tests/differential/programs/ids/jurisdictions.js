// Jurisdictions.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  print("method", typeof env.A.jurisdiction);
  await attempt("unique", () => typeof env.A.newUniqueId({ jurisdiction: "eu" }).toString());
  await attempt("sub-namespace", () => typeof env.A.jurisdiction("eu"));
  await attempt("unknown", () => env.A.jurisdiction("moon"));
  await attempt("none", () => env.A.newUniqueId({ jurisdiction: undefined }).jurisdiction);
};
