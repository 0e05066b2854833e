// A method of a named entrypoint: this.env, this.ctx, a fresh instance for each call.
import { WorkerEntrypoint } from "cloudflare:workers";
import { print } from "lines";

export class Api extends WorkerEntrypoint {
  calls = 0;

  greet(name) {
    return `hello ${name}, call ${++this.calls}`;
  }

  members() {
    return [typeof this.env, typeof this.ctx, typeof this.ctx.waitUntil, Object.keys(this).sort()];
  }

  fetch() {
    return new Response("fetched");
  }
}

export default async (env) => {
  print("greet", await env.Api.greet("a"));
  print("again", await env.Api.greet("b"));
  print("members", await env.Api.members());
  print("fetch", await (await env.Api.fetch("http://a/")).text());
};
