// A target that was an argument is disposed of when the call is over.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { print, until } from "lines";

let disposed = 0;

class Callback extends RpcTarget {
  call() {
    return "called";
  }
  [Symbol.dispose]() {
    ++disposed;
    print("disposer");
  }
}

export class Taker extends DurableObject {
  async take(callback) {
    const answer = await callback.call();
    print("in the call", disposed);
    return answer;
  }
}

export default async (env) => {
  print("answer", await env.Taker.getByName("t").take(new Callback()));
  await until(() => disposed === 1);
};
