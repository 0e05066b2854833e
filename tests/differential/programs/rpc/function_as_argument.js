// A function as argument: the callee calls back.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Caller extends DurableObject {
  async call(callback) {
    print("kind", typeof callback, Object.prototype.toString.call(callback));
    const one = await callback(1);
    const two = await callback(one);
    return [one, two];
  }

  async fails(callback) {
    await attempt("in the callee", () => callback());
    return "handled";
  }
}

export default async (env) => {
  const stub = env.Caller.getByName("c");
  let calls = 0;
  print("result", await stub.call((x) => {
    ++calls;
    return x * 10;
  }));
  print("calls", calls);
  print("async", await stub.call(async (x) => ({ x }).x + 1));
  print("failing", await stub.fails(() => {
    throw new RangeError("callback fails");
  }));
};
