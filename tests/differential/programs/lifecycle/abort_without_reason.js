// ctx.abort() without a reason, and with an error.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {
  fetch(request) {
    if (new URL(request.url).pathname === "/none") this.ctx.abort();
    if (new URL(request.url).pathname === "/number") this.ctx.abort(5);
    return new Response("fine");
  }
}

export default async (env) => {
  await attempt("none", async () => (await env.A.getByName("a").fetch("http://a/none")).text());
  await attempt("number", async () => (await env.A.getByName("b").fetch("http://a/number")).text());
  await attempt("after", async () => (await env.A.getByName("a").fetch("http://a/")).text());
};
