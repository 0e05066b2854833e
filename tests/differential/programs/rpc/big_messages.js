// Messages of some MiB, and of more than 32.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Taker extends DurableObject {
  size(value) {
    return value.byteLength;
  }
  make(size) {
    return new Uint8Array(size);
  }
}

export default async (env) => {
  const stub = env.Taker.getByName("t");
  print("4 MiB", await stub.size(new Uint8Array(4 << 20)));
  await attempt("33 MiB", () => stub.size(new Uint8Array(33 << 20)));
  await attempt("33 MiB back", async () => (await stub.make(33 << 20)).byteLength);
};
