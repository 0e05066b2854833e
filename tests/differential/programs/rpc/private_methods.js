// Methods with # and with symbols, and getters on the prototype.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Shy extends DurableObject {
  #secret() {
    return "secret";
  }
  get value() {
    return { from: "getter" };
  }
  get later() {
    return Promise.resolve("promised");
  }
  get fails() {
    throw new TypeError("getter fails");
  }
  get callback() {
    return (x) => x * 2;
  }
  open() {
    return this.#secret();
  }
}

export default async (env) => {
  const stub = env.Shy.getByName("s");
  await attempt("open", () => stub.open());
  await attempt("getter", () => stub.value);
  await attempt("promise", () => stub.later);
  await attempt("throwing", () => stub.fails);
  await attempt("member of a getter", () => stub.value.from);
  await attempt("function of a getter", () => stub.callback(21));
  await attempt("getter called", () => stub.value());
};
