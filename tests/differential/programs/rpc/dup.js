// dup(): the target ends with its last stub. A callee that keeps an argument duplicates it.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print, until } from "lines";

let disposed = false;

class Callback extends RpcTarget {
  call(text) {
    return `called ${text}`;
  }
  [Symbol.dispose]() {
    disposed = true;
  }
}

export class Keeper extends DurableObject {
  keep(callback) {
    this.kept = callback.dup();
    this.lost = callback;
  }
  async use() {
    await attempt("without dup", () => this.lost.call("lost"));
    return this.kept.call("kept");
  }
  drop() {
    this.kept[Symbol.dispose]();
  }
}

export default async (env) => {
  const stub = env.Keeper.getByName("k");
  await stub.keep(new Callback());
  print("use", await stub.use());
  print("before the drop", disposed);
  await stub.drop();
  await until(() => disposed);
  print("after the drop", disposed);
};
