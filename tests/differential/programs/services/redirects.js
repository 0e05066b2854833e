// Redirects of a service: followed or not.
import { attempt } from "lines";

export const worker = {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/from") return Response.redirect("http://s/to", 302);
    if (pathname === "/post") return new Response(null, { status: 307, headers: { location: "/to" } });
    if (pathname === "/loop") return new Response(null, { status: 302, headers: { location: "/loop" } });
    return new Response(`${request.method} ${pathname}`);
  },
};

export default async (env) => {
  const show = async (...args) => {
    const response = await env.SELF.fetch(...args);
    return [response.status, response.headers.get("location"), response.url, response.redirected, await response.text()];
  };
  await attempt("default", () => show("http://s/from"));
  await attempt("follow", () => show("http://s/from", { redirect: "follow" }));
  await attempt("manual", () => show("http://s/from", { redirect: "manual" }));
  await attempt("307", () => show("http://s/post", { method: "POST", body: "x" }));
  await attempt("loop", () => show("http://s/loop"));
};
