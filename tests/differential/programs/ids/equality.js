// equals() with what is not an id of this class.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {}
export class B extends DurableObject {}

export default async (env) => {
  const id = env.A.idFromName("x");
  for (const [name, other] of Object.entries({ text: id.toString(), null: null, undefined, object: {}, "other class": env.B.idFromName("x"), stub: env.A.get(id) })) {
    await attempt(name, () => id.equals(other));
  }
  await attempt("nothing", () => id.equals());
};
