// A call nobody awaits is made all the same.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let called = 0;

export class Thing extends DurableObject {
  call() {
    ++called;
  }
}

export default async (env) => {
  env.Thing.getByName("t").call();
  await until(() => called === 1);
  print("called", called);
};
