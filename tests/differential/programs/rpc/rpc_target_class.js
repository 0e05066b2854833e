// RpcTarget itself.
import { RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Mine extends RpcTarget {
  method() {}
}

export default async () => {
  print("class", typeof RpcTarget, RpcTarget.name, RpcTarget.length);
  print("instance", new Mine() instanceof RpcTarget, Object.keys(new Mine()), Object.prototype.toString.call(new Mine()));
  await attempt("itself", () => Object.prototype.toString.call(new RpcTarget()));
  await attempt("called", () => RpcTarget());
};
