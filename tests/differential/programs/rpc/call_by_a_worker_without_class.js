// Methods of a worker whose default export is an object.
import { attempt } from "lines";

export const worker = {
  method(a) {
    return `method ${a}`;
  },
  two(a, b) {
    return [a, b];
  },
  value: 5,
  fetch() {
    return new Response("fetched");
  },
};

export default async (env) => {
  await attempt("fetch", async () => (await env.SELF.fetch("http://s/x")).text());
  await attempt("method", () => env.SELF.method("x"));
  await attempt("property", () => env.SELF.value);
  await attempt("two arguments", () => env.SELF.two(1, 2));
  await attempt("no argument", () => env.SELF.method());
};
