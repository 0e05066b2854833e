// fetch() of what cannot be fetched.
import { attempt } from "lines";

export default async () => {
  await attempt("nothing", () => fetch());
  await attempt("text", () => fetch("nope"));
  await attempt("scheme", () => fetch("ftp://a/"));
  await attempt("data", async () => (await fetch("data:text/plain,hi")).status);
  await attempt("aborted", () => fetch("http://127.0.0.1:9/", { signal: AbortSignal.abort() }));
  await attempt("bad method", () => fetch("http://127.0.0.1:9/", { method: "a b" }));
  await attempt("body of GET", () => fetch("http://127.0.0.1:9/", { body: "x" }));
  await attempt("promise", () => {
    const promise = fetch("nope");
    promise.catch(() => {});
    return promise instanceof Promise;
  });
};
