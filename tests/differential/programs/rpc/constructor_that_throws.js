// A method of an object whose constructor throws.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

let tries = 0;

export class Fails extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (++tries < 2) throw new TypeError("constructor fails");
  }
  method() {
    return "works";
  }
}

export default async (env) => {
  await attempt("first", () => env.Fails.getByName("f").method());
  await attempt("second", () => env.Fails.getByName("f").method());
};
