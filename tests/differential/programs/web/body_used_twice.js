// Bodies that are used up.
import { attempt, print } from "lines";

export default async () => {
  const response = new Response("x");
  print("before", response.bodyUsed);
  await response.text();
  print("after", response.bodyUsed, response.body.locked);
  for (const method of ["text", "json", "arrayBuffer", "blob", "formData"]) await attempt(method, () => response[method]());
  await attempt("clone", () => response.clone());
  const locked = new Response("y");
  const reader = locked.body.getReader();
  await attempt("locked", () => locked.text());
  reader.releaseLock();
  await attempt("released", () => locked.text());
  const partly = new Response("z");
  await partly.body.getReader().read();
  print("read", partly.bodyUsed);
};
