// this of methods, and methods that use each other and super.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

class Base extends DurableObject {
  inherited() {
    return `inherited of ${this.constructor.name}`;
  }
  overridden() {
    return "base";
  }
}

export class Derived extends Base {
  overridden() {
    return `derived of ${super.overridden()}`;
  }
  both() {
    return [this.inherited(), this.overridden()];
  }
}

export default async (env) => {
  const stub = env.Derived.getByName("d");
  print("inherited", await stub.inherited());
  print("overridden", await stub.overridden());
  print("both", await stub.both());
};
