// Calls of one caller through one stub run in the order they were made.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Order extends DurableObject {
  seen = [];
  add(n) {
    this.seen.push(n);
  }
  all() {
    return this.seen;
  }
}

export default async (env) => {
  const stub = env.Order.getByName("o");
  const calls = [];
  for (let i = 0; i < 20; ++i) calls.push(stub.add(i));
  await Promise.all(calls);
  print("seen", await stub.all());
};
