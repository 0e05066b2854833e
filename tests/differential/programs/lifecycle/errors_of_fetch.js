// fetch() of an object that throws: its error at the caller, and the object goes on.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {
  n = 0;

  async fetch(request) {
    ++this.n;
    switch (new URL(request.url).pathname) {
      case "/type":
        throw new TypeError("type");
      case "/text":
        throw "text";
      case "/marked":
        throw Object.assign(new Error("marked"), { code: "E", retryable: true });
      case "/nothing":
        return undefined;
      default:
        return new Response(`request ${this.n}`);
    }
  }
}

export default async (env) => {
  const stub = env.A.getByName("a");
  for (const path of ["/type", "/text", "/marked", "/nothing", "/"]) await attempt(path, async () => (await stub.fetch(`http://a${path}`)).text());
};
