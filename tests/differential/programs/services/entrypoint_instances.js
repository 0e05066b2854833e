// Entrypoints: a new instance for each request, constructor arguments, env.
// @var GREETING hello
import { WorkerEntrypoint } from "cloudflare:workers";
import { print } from "lines";

let made = 0;

export class Entry extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    this.number = ++made;
  }

  async fetch(request) {
    return Response.json([this.number, this.env.GREETING, typeof this.ctx.waitUntil, request.url]);
  }
}

export default async (env) => {
  print("first", await (await env.Entry.fetch("http://e/a")).json());
  print("second", await (await env.Entry.fetch("http://e/b")).json());
};
