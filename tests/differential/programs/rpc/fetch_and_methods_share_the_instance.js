// fetch() and methods reach one instance.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Both extends DurableObject {
  n = 0;
  async fetch() {
    return new Response(String(++this.n));
  }
  add() {
    return ++this.n;
  }
}

export default async (env) => {
  const stub = env.Both.getByName("b");
  print("fetch", await (await stub.fetch("http://b/")).text());
  print("method", await stub.add());
  print("another stub", await env.Both.get(env.Both.idFromName("b")).add());
};
