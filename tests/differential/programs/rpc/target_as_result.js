// An RpcTarget as result: methods and getters of its class, none of its own properties.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Session extends RpcTarget {
  own = "own";
  #n = 0;
  add(k) {
    return (this.#n += k);
  }
  get value() {
    return this.#n;
  }
}

export class Maker extends DurableObject {
  open() {
    return new Session();
  }
}

export default async (env) => {
  using session = await env.Maker.getByName("m").open();
  print("kind", typeof session, Object.prototype.toString.call(session), session.constructor?.name);
  print("add", await session.add(2), await session.add(3));
  print("getter", await session.value);
  await attempt("own property", () => session.own);
  await attempt("missing", () => session.missing());
  await attempt("private", () => session["#n"]);
};
