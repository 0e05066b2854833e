// Values that cannot be sent, as arguments and as results.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

class Point {
  x = 1;
}
const make = { symbol: () => Symbol("s"), instance: () => new Point(), "weak map": () => new WeakMap(), url: () => new URL("http://a"), promise: () => Promise.resolve(5), "nested instance": () => ({ a: [new Point()] }), socket: () => new WebSocketPair()[0], id: () => new URLSearchParams("a=b") };

export class Maker extends DurableObject {
  make(name) {
    return make[name]();
  }

  take(value) {
    return typeof value;
  }
}

export default async (env) => {
  const stub = env.Maker.getByName("m");
  for (const name of Object.keys(make)) {
    await attempt(`take ${name}`, () => stub.take(make[name]()));
    await attempt(`make ${name}`, async () => typeof (await stub.make(name)));
  }
};
