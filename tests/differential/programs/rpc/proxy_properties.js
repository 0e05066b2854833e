// Properties of stubs: chains, computed names, calling through variables.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Tree extends RpcTarget {
  get left() {
    return new Tree();
  }
  name() {
    return "tree";
  }
}

export class Root extends DurableObject {
  get tree() {
    return new Tree();
  }
}

export default async (env) => {
  const stub = env.Root.getByName("r");
  print("chain", await stub.tree.left.left.name());
  const method = "name";
  print("computed", await stub.tree[method]());
  const { tree } = stub;
  print("variable", await tree.name());
  const { name } = stub.tree;
  await attempt("method alone", () => name());
  await attempt("call", () => stub.tree.name.call(null));
};
