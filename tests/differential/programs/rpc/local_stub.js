// new RpcStub(): a stub of a local target.
import { RpcStub, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Mine extends RpcTarget {
  own = 1;
  twice(x) {
    return x * 2;
  }
}

export default async () => {
  const stub = new RpcStub(new Mine());
  print("kind", typeof stub, Object.prototype.toString.call(stub), stub instanceof RpcStub);
  print("call", await stub.twice(4));
  await attempt("own", () => stub.own);
  const call = new RpcStub((x) => x + 1);
  print("function", typeof call, await call(1));
  stub[Symbol.dispose]();
  await attempt("after", () => stub.twice(4));
  const plain = new RpcStub({ method: () => "plain", value: 5 });
  await attempt("plain object", async () => [await plain.method(), await plain.value]);
  await attempt("of nothing", () => new RpcStub());
  await attempt("of a number", () => new RpcStub(5));
};
