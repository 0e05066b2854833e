// `using` on results that contain stubs: all of them end together.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print, until } from "lines";

let disposed = 0;

class Part extends RpcTarget {
  ping() {
    return "pong";
  }
  [Symbol.dispose]() {
    ++disposed;
  }
}

export class Maker extends DurableObject {
  parts() {
    return { a: new Part(), b: [new Part()] };
  }
}

export default async (env) => {
  let kept;
  {
    using parts = await env.Maker.getByName("m").parts();
    kept = parts.a;
    print("ping", await parts.a.ping(), await parts.b[0].ping());
  }
  await until(() => disposed === 2);
  await attempt("after", () => kept.ping());
};
