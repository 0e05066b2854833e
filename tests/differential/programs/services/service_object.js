// A service binding as an object.
import { attempt, print } from "lines";

export const worker = { fetch: () => new Response() };

export default async (env) => {
  print("tag", Object.prototype.toString.call(env.SELF), env.SELF.constructor.name, Object.keys(env.SELF));
  const { fetch } = env.SELF;
  await attempt("without this", async () => (await fetch("http://s/")).status);
  await attempt("clone", () => structuredClone(env.SELF));
  await attempt("json", () => JSON.stringify(env.SELF));
};
