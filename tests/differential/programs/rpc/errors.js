// Exceptions of methods: names, messages, own members, what is not an Error.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

class Special extends Error {
  name = "SpecialError";
  code = 7;
}
const thrown = { error: () => new Error("plain"), type: () => new TypeError("type"), range: () => new RangeError("range"), special: () => new Special("special"), named: () => Object.assign(new Error("named"), { name: "MyError" }), extra: () => Object.assign(new Error("extra"), { detail: { a: 1 } }), cause: () => new Error("outer", { cause: new Error("inner") }), exception: () => new DOMException("aborted", "AbortError"), string: () => "text", number: () => 5, null: () => null, undefined: () => undefined, object: () => ({ a: 1 }), aggregate: () => new AggregateError([new Error("a")], "many"), empty: () => new Error("") };

export class Thrower extends DurableObject {
  fail(name) {
    throw thrown[name]();
  }

  async failLater(name) {
    await null;
    throw thrown[name]();
  }
}

export default async (env) => {
  for (const name of Object.keys(thrown)) await attempt(name, () => env.Thrower.getByName("t").fail(name));
  await attempt("later", () => env.Thrower.getByName("t").failLater("type"));
  try {
    await env.Thrower.getByName("t").fail("type");
  } catch (error) {
    print("kind", error instanceof TypeError, error.constructor === TypeError, Object.keys(error), error.stack.split("\n")[0]);
  }
};
