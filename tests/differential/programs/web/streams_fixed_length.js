// FixedLengthStream and IdentityTransformStream.
import { attempt, print } from "lines";

export default async () => {
  const fixed = new FixedLengthStream(5);
  const writer = fixed.writable.getWriter();
  writer.write(new TextEncoder().encode("hello"));
  writer.close();
  print("exact", await new Response(fixed.readable).text());
  const over = new FixedLengthStream(2);
  const overWriter = over.writable.getWriter();
  overWriter.closed.catch(() => {});
  const reading = new Response(over.readable).text().catch((error) => error);
  await attempt("too long", () => overWriter.write(new Uint8Array(3)));
  await reading;
  await attempt("no length", () => new FixedLengthStream());
  await attempt("bigint", () => typeof new FixedLengthStream(5n));
  const identity = new IdentityTransformStream();
  await attempt("text", () => {
    const identityWriter = identity.writable.getWriter();
    identity.readable.getReader().read().catch(() => {});
    return identityWriter.write("text");
  });
};
