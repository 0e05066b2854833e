// Blobs, exceptions, dates, abort signals as arguments.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Taker extends DurableObject {
  echo(value) {
    return value;
  }
}

export default async (env) => {
  const stub = env.Taker.getByName("t");
  await attempt("exception", () => stub.echo(new DOMException("no", "DataError")));
  await attempt("blob", async () => (await stub.echo(new Blob(["x"], { type: "a/b" }))).text());
  await attempt("form", () => stub.echo(new FormData()));
  await attempt("event", () => stub.echo(new Event("x")));
  await attempt("key", () => stub.echo(new TextEncoder()));
};
