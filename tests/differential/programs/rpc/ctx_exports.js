// ctx.exports: the worker's own entrypoints and classes, without bindings.
import { DurableObject, WorkerEntrypoint, exports } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Api extends WorkerEntrypoint {
  greet(name) {
    return `hello ${name}, ${JSON.stringify(this.ctx.props)}`;
  }
}

export class Counter extends DurableObject {
  add() {
    return (this.n = (this.n ?? 0) + 1);
  }
}

export default async (env, ctx) => {
  print("names", Object.keys(ctx.exports).sort());
  await attempt("entrypoint", () => ctx.exports.Api.greet("a"));
  await attempt("with props", () => ctx.exports.Api({ props: { who: "me" } }).greet("b"));
  await attempt("object", () => ctx.exports.Counter.getByName("c").add());
  await attempt("same object as of the binding", () => env.Counter.getByName("c").add());
  await attempt("imported", () => exports.Api.greet("c"));
};
