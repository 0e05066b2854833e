// A service that throws: what the caller gets.
import { WorkerEntrypoint } from "cloudflare:workers";
import { attempt } from "lines";

export const worker = {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/error":
        throw new RangeError("service fails");
      case "/text":
        throw "just text";
      case "/nothing":
        return undefined;
      case "/null":
        return null;
      case "/plain":
        return "text";
      case "/later":
        return Promise.reject(new TypeError("rejected"));
      default:
        return new Response("fine");
    }
  },
};

export class NoFetch extends WorkerEntrypoint {}

export default async (env) => {
  for (const path of ["/error", "/text", "/nothing", "/null", "/plain", "/later", "/"]) await attempt(path, async () => (await env.SELF.fetch(`http://s${path}`)).text());
  await attempt("no fetch", async () => (await env.NoFetch.fetch("http://s/")).text());
};
