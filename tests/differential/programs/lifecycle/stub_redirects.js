// Redirects that an object answers with, signals, fragments: as with any fetch().
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class A extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const to = (status, location) => new Response(null, { status, headers: { location } });
    if (pathname === "/302") return to(302, "/to");
    if (pathname === "/307") return to(307, "/to#there");
    if (pathname === "/303") return to(303, "/to");
    if (pathname === "/loop") return to(302, "/loop");
    if (pathname === "/nowhere") return new Response(null, { status: 302 });
    if (pathname === "/never") return new Promise(() => {});
    return new Response(`${request.method} ${request.url} ${await request.text()}`);
  }
}

export default async (env) => {
  const stub = env.A.getByName("x");
  const show = (path, init) => attempt(`${path} ${init?.method ?? ""} ${init?.redirect ?? ""}`, async () => {
    const response = await stub.fetch(`http://h${path}`, init);
    return [response.status, response.url, response.redirected, await response.text()];
  });
  await show("/plain#fragment");
  for (const path of ["/302", "/307", "/303", "/nowhere"]) {
    await show(path);
    await show(path, { method: "POST", body: "body" });
    await show(path, { redirect: "manual" });
  }
  await show("/307", { method: "POST", body: new Response("stream").body });
  await attempt("loop", async () => {
    try {
      await stub.fetch("http://h/loop");
    } catch (error) {
      throw new TypeError(error.message.slice(0, 40));
    }
  });
  const controller = new AbortController();
  const waiting = attempt("aborted", () => stub.fetch("http://h/never", { signal: AbortSignal.any([controller.signal]) }));
  controller.abort(new RangeError("enough"));
  await waiting;
  await attempt("headers", async () => (await stub.fetch("http://h/plain")).headers.set("a", "b"));
};
