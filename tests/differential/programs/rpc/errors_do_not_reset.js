// An object goes on after a method has thrown.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Counter extends DurableObject {
  n = 0;
  add() {
    return ++this.n;
  }
  fail() {
    ++this.n;
    throw new Error("no");
  }
}

export default async (env) => {
  const stub = env.Counter.getByName("c");
  await stub.add();
  await attempt("fail", () => stub.fail());
  print("n", await stub.add());
};
