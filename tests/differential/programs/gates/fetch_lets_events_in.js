// While an object waits for another object's answer, its own events go on.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

let ended = 0;

export class Caller extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    print(`${name} begins`);
    if (name === "/first") await this.env.Callee.getByName("x").fetch("http://x/");
    print(`${name} ends`);
    ++ended;
    return new Response();
  }
}

export class Callee extends DurableObject {
  async fetch() {
    await until(() => ended === 1);
    print("callee answers");
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Caller.getByName("c");
  await Promise.all([stub.fetch("http://c/first"), stub.fetch("http://c/second")]);
};
