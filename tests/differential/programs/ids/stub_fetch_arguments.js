// What a stub's fetch() takes.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {
  async fetch(request) {
    return new Response(`${request.method} ${request.url} ${request.headers.get("x-a")} ${await request.text()}`);
  }
}

export default async (env) => {
  const stub = env.A.getByName("a");
  const text = async (...args) => (await stub.fetch(...args)).text();
  await attempt("url", () => text("http://host/path?q#f"));
  await attempt("URL", () => text(new URL("http://host/x")));
  await attempt("request", () => text(new Request("http://host/", { method: "POST", body: "b", headers: { "x-a": "1" } })));
  await attempt("url and init", () => text("http://host/", { method: "PUT", body: "c", headers: { "x-a": "2" } }));
  await attempt("request and init", () => text(new Request("http://host/", { headers: { "x-a": "3" } }), { method: "DELETE" }));
  await attempt("relative", () => text("/path"));
  await attempt("nothing", () => text());
  await attempt("https", () => text("https://host/"));
  await attempt("other scheme", () => text("foo://host/"));
};
