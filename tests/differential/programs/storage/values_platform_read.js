// Platform objects as values, read again; and what structuredClone() makes of them.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { attempt, print } from "lines";

class Target extends RpcTarget {}

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    await storage.put("r", new Request("http://a/b", { method: "POST", headers: { x: "y" }, redirect: "manual" }));
    const request = await storage.get("r");
    print("request", request.method, request.url, [...request.headers], request.redirect, request.body);
    await storage.put("s", new Response(null, { status: 204, headers: { x: "y" } }));
    const response = await storage.get("s");
    print("response", response.status, response.url, [...response.headers], response.body);
    await attempt("with a body", () => storage.put("r", new Request("http://a/b", { method: "POST", body: "x" })));
    return new Response();
  }
}

export default async (env, ctx) => {
  await env.Box.getByName("box").fetch("http://box/");
  const stub = env.Box.getByName("other");
  for (const make of [() => new Request("http://a"), () => new Headers({ a: "b" }), () => stub, () => new URL("http://a"), () => new AbortController().signal, () => new ReadableStream(), () => new TransformStream(), () => crypto.subtle, () => ctx, () => new Event("x"), () => new FormData(), () => new WebSocketPair(), () => new Target()]) {
    await attempt(String(make), () => structuredClone(make()));
  }
  print("json", JSON.stringify({ stub }));
};
