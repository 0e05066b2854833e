// idFromString(): what it takes and refuses.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class A extends DurableObject {}
export class B extends DurableObject {}

export default async (env) => {
  const id = env.A.idFromName("x");
  const back = env.A.idFromString(id.toString());
  print("back", back.equals(id), id.equals(back), back.name);
  const unique = env.A.newUniqueId();
  print("unique", env.A.idFromString(unique.toString()).equals(unique));
  await attempt("upper case", () => env.A.idFromString(id.toString().toUpperCase()).equals(id));
  await attempt("of another class", () => env.B.idFromString(id.toString()));
  await attempt("short", () => env.A.idFromString("abc"));
  await attempt("empty", () => env.A.idFromString(""));
  await attempt("not hex", () => env.A.idFromString("z".repeat(64)));
  await attempt("zeros", () => env.A.idFromString("0".repeat(64)));
  await attempt("long", () => env.A.idFromString(`${id}00`));
  await attempt("nothing", () => env.A.idFromString());
  await attempt("an id", () => env.A.idFromString(id).equals(id));
};
