// idFromName(): the same id for a name, other ids for other names and classes.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}
export class B extends DurableObject {}

export default async (env) => {
  const id = env.A.idFromName("x");
  print("text", /^[0-9a-f]{64}$/.test(id.toString()), `${id}` === id.toString(), JSON.stringify({ id }).length);
  print("same", id.equals(env.A.idFromName("x")), id.toString() === env.A.idFromName("x").toString(), id === env.A.idFromName("x"));
  print("others", id.equals(env.A.idFromName("y")), id.toString() === env.B.idFromName("x").toString());
  print("name", id.name, env.A.idFromName("").name, Object.keys(id));
  for (const name of ["", " ", "é", 5, null, undefined, true]) await attempt(`name ${JSON.stringify(name)}`, () => env.A.idFromName(name).name);
  await attempt("nothing", () => env.A.idFromName());
  await attempt("long", () => env.A.idFromName("n".repeat(5000)).name?.length);
};
