// A callback that is kept without dup() does not work after the call; within waitUntil() neither.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Keeper extends DurableObject {
  keep(callback) {
    this.callback = callback;
    return "kept";
  }
  async later() {
    return attempt("later", () => this.callback("x"));
  }
}

export default async (env) => {
  const stub = env.Keeper.getByName("k");
  print("keep", await stub.keep((x) => x));
  await stub.later();
};
