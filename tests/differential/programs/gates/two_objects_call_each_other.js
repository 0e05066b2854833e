// Two objects that call each other at the same time do not deadlock.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Peer extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const other = this.ctx.id.name === "a" ? "b" : "a";
    if (pathname === "/ping") return new Response(`pong of ${this.ctx.id.name}`);
    return this.env.Peer.getByName(other).fetch("http://p/ping");
  }
}

export default async (env) => {
  const ask = async (name) => (await env.Peer.getByName(name).fetch("http://p/start")).text();
  print("answers", await Promise.all([ask("a"), ask("b")]));
};
