// What is called and is not there.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { attempt } from "lines";

export class Object1 extends DurableObject {
  property = 5;
  arrow = () => 6;

  static statics() {}
}

export class Entry extends WorkerEntrypoint {
  property = 5;

  method() {}
}

export default async (env) => {
  const stub = env.Object1.getByName("o");
  await attempt("missing", () => stub.missing());
  await attempt("own property", () => stub.property);
  await attempt("own function", () => stub.arrow());
  await attempt("static", () => stub.statics());
  await attempt("of Object", () => stub.hasOwnProperty("x"));
  await attempt("toString", () => stub.toString());
  await attempt("ctx", () => stub.ctx);
  await attempt("env", () => stub.env);
  await attempt("entrypoint missing", () => env.Entry.missing());
  await attempt("entrypoint property", () => env.Entry.property);
  await attempt("entrypoint of Object", () => env.Entry.valueOf());
};
