// Values there and back: what structured clone keeps.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Echo extends DurableObject {
  echo(value) {
    return value;
  }
}

export default async (env) => {
  const stub = env.Echo.getByName("e");
  const values = { string: "é🙂", number: -0, nan: NaN, bigint: 2n ** 70n, boolean: true, null: null, undefined, date: new Date(0), regexp: /x/g, array: [1, undefined, [2]], map: new Map([["k", new Map()]]), set: new Set([1]), error: new RangeError("no"), buffer: new Uint8Array([1, 2]).buffer, view: new Int16Array([-1]), object: { a: { b: { c: 1 } } }, empty: {} };
  for (const [name, value] of Object.entries(values)) print(name, await stub.echo(value));
  await attempt("null prototype", () => stub.echo(Object.assign(Object.create(null), { a: 1 })));
  print("several", await stub.echo(1, 2, 3));
  print("none", await stub.echo());
};
