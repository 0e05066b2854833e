// Methods: case, tokens, bodies.
import { attempt } from "lines";

export default async () => {
  for (const method of ["get", "Post", "put", "delete", "options", "head", "patch", "PATCH", "propfind", "TRACE", "TRACK", "CONNECT", "", "a b", "é"]) await attempt(`method ${method}`, () => new Request("http://a/", { method }).method);
  await attempt("body of GET", () => new Request("http://a/", { body: "x" }).method);
  await attempt("body of HEAD", () => new Request("http://a/", { method: "HEAD", body: "x" }).method);
  await attempt("body null of GET", () => new Request("http://a/", { body: null }).method);
  await attempt("body of DELETE", () => new Request("http://a/", { method: "DELETE", body: "x" }).text());
};
