// A function as result: the caller calls into the object.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Maker extends DurableObject {
  total = 0;

  counter(step) {
    return (factor = 1) => (this.total += step * factor);
  }

  read() {
    return this.total;
  }
}

export default async (env) => {
  const stub = env.Maker.getByName("m");
  using counter = await stub.counter(5);
  print("kind", typeof counter, Object.prototype.toString.call(counter));
  print("calls", await counter(), await counter(2));
  print("total", await stub.read());
};
