// WritableStream: order, ready, abort, close.
import { attempt, print } from "lines";

export default async () => {
  const log = [];
  const stream = new WritableStream({
    start: () => void log.push("start"),
    write: (chunk) => void log.push(`write ${chunk}`),
    close: () => void log.push("close"),
    abort: (reason) => void log.push(`abort ${reason}`),
  });
  const writer = stream.getWriter();
  print("locked", stream.locked, writer.desiredSize);
  await writer.ready;
  writer.write("a");
  writer.write("b");
  await writer.close();
  print("log", log);
  await attempt("after close", () => writer.write("c"));
  const second = new WritableStream({ abort: (reason) => print("aborted", reason) }).getWriter();
  second.closed.catch(() => {});
  print("abort", await second.abort("why"));
  await attempt("after abort", () => second.write("x"));
  const failing = new WritableStream({ write() { throw new RangeError("sink"); } }).getWriter();
  failing.closed.catch(() => {});
  await attempt("sink fails", () => failing.write("x"));
  await attempt("and again", () => failing.write("y"));
};
