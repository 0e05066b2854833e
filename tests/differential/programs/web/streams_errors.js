// Streams that fail: in start, pull, by error().
import { attempt } from "lines";

export default async () => {
  const failing = { start: { start() { throw new RangeError("start"); } }, pull: { pull() { throw new RangeError("pull"); } }, "pull later": { async pull() { throw new RangeError("later"); } }, error: { start(controller) { controller.error(new TypeError("error")); } }, "error with text": { start(controller) { controller.error("text"); } } };
  for (const [name, source] of Object.entries(failing)) {
    await attempt(name, () => new ReadableStream(source).getReader().read());
  }
  const { readable, writable } = new TransformStream({ transform() { throw new RangeError("transform"); } });
  const writer = writable.getWriter();
  const wrote = attempt("write", () => writer.write("x"));
  await attempt("read", () => readable.getReader().read());
  await wrote;
  await attempt("closed", () => writer.closed);
};
