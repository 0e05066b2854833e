// A class that does not extend DurableObject has no methods to call.
import { attempt } from "lines";

export class Old {
  constructor(ctx, env) {
    this.ctx = ctx;
  }

  method() {
    return 1;
  }

  fetch() {
    return new Response("fetched");
  }
}

export default async (env) => {
  const stub = env.Old.getByName("o");
  await attempt("fetch", async () => (await stub.fetch("http://o/")).text());
  await attempt("method", () => stub.method());
};
