// Disposing what was received ends it on the other side.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print, until } from "lines";

let disposed = 0;

class Session extends RpcTarget {
  ping() {
    return "pong";
  }
  [Symbol.dispose]() {
    ++disposed;
    print("disposer");
  }
}

export class Maker extends DurableObject {
  open() {
    return new Session();
  }
}

export default async (env) => {
  const session = await env.Maker.getByName("m").open();
  print("ping", await session.ping());
  session[Symbol.dispose]();
  await until(() => disposed === 1);
  await attempt("after", () => session.ping());
  session[Symbol.dispose]();
  print("twice", disposed);
};
