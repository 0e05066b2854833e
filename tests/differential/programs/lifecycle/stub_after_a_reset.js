// A stub that has seen a reset, and a new one.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {
  fetch(request) {
    if (new URL(request.url).pathname === "/abort") this.ctx.abort("reset");
    return new Response("fine");
  }
}

export default async (env) => {
  const stub = env.A.getByName("a");
  await attempt("abort", async () => (await stub.fetch("http://a/abort")).text());
  await attempt("same stub", async () => (await stub.fetch("http://a/")).text());
  await attempt("new stub", async () => (await env.A.getByName("a").fetch("http://a/")).text());
};
