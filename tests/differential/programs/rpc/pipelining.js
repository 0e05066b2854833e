// A call on what a call will return, without awaiting it.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Session extends RpcTarget {
  constructor(name) {
    super();
    this.user = name;
  }
  name() {
    return this.user;
  }
  child(name) {
    return new Session(`${this.user}/${name}`);
  }
}

export class Door extends DurableObject {
  open(name) {
    print("open", name);
    return new Session(name);
  }
  plain() {
    return { a: { b: [1, { c: "deep" }] } };
  }
  fail() {
    throw new RangeError("closed");
  }
}

export default async (env) => {
  const stub = env.Door.getByName("d");
  print("name", await stub.open("x").name());
  print("chain", await stub.open("y").child("z").child("w").name());
  await attempt("property", () => stub.plain().a.b);
  await attempt("index", () => stub.plain().a.b[1].c);
  await attempt("missing property", () => stub.plain().q);
  await attempt("missing within missing", () => stub.plain().q.r);
  await attempt("method of a failure", () => stub.fail().name());
  await attempt("call of a value", () => stub.plain().a());
};
