// Requests of one caller begin in the order they were sent, and interleave where they wait.
import { DurableObject } from "cloudflare:workers";
import { pause, print, until } from "lines";

const ended = new Set();

export class Order extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    print(`${name} begins`);
    if (name === "/a") await until(() => ended.has("/b"));
    else if (name === "/b") await until(() => ended.has("/c"));
    else await pause(10);
    print(`${name} ends`);
    ended.add(name);
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Order.getByName("o");
  await Promise.all(["/a", "/b", "/c"].map((path) => stub.fetch(`http://o${path}`)));
};
