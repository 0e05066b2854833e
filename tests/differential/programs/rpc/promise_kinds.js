// What a call returns before it is awaited.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Thing extends DurableObject {
  value() {
    return { a: 1 };
  }
}

export default async (env) => {
  const stub = env.Thing.getByName("t");
  const promise = stub.value();
  print("call", typeof promise, Object.prototype.toString.call(promise), promise instanceof Promise, typeof promise.then, typeof promise.catch, typeof promise.finally);
  const property = stub.value;
  print("property", typeof property, Object.prototype.toString.call(property), typeof property.then);
  print("then", await promise.then((value) => value.a));
  print("finally", await stub.value().finally(() => print("in finally")));
  print("all", await Promise.all([stub.value(), stub.value()]));
  print("result", Object.keys(await stub.value()), typeof (await stub.value())[Symbol.dispose]);
};
