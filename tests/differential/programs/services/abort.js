// A request to a service that is aborted.
import { attempt, pause } from "lines";

export const worker = {
  async fetch() {
    await pause(3000);
    return new Response("late");
  },
};

export default async (env) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 10);
  await attempt("abort", () => env.SELF.fetch("http://s/", { signal: controller.signal }));
  await attempt("aborted before", () => env.SELF.fetch("http://s/", { signal: AbortSignal.abort() }));
  await attempt("with a reason", () => env.SELF.fetch("http://s/", { signal: AbortSignal.abort(new RangeError("mine")) }));
};
