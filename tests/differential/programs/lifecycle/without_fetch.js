// An object whose class has no fetch().
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {}

export default async (env) => {
  await attempt("fetch", async () => (await env.A.getByName("a").fetch("http://a/")).text());
};
