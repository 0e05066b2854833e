// A promise of a call as argument of another, and stubs that are passed on.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Token extends RpcTarget {
  read() {
    return "token";
  }
}

export class Maker extends DurableObject {
  token() {
    return new Token();
  }
  async use(token) {
    return `used ${await token.read()}`;
  }
}

export default async (env) => {
  const stub = env.Maker.getByName("m");
  using token = await stub.token();
  print("a stub", await stub.use(token));
  await attempt("a promise", () => env.Maker.getByName("other").use(stub.token()));
  print("an object's stub", await env.Maker.getByName("third").use(new (class extends RpcTarget { read() { return "local"; } })()));
};
