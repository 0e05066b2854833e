// Members of classes that are taken from prototypes or called without new.
import { attempt } from "lines";

export default async () => {
  for (const name of ["Headers", "Request", "Response", "URL", "Blob", "FormData", "Event", "EventTarget", "AbortController", "TextDecoder", "ReadableStream"]) {
    await attempt(`${name}()`, () => typeof globalThis[name]("http://a"));
  }
  await attempt("method of another", () => Headers.prototype.get.call(new Map(), "a"));
  await attempt("getter of the prototype", () => typeof Response.prototype.status);
  await attempt("too few arguments", () => new Headers().set("a"));
};
