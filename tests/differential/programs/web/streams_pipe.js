// pipeTo(): end, errors of either side, options.
import { attempt, print } from "lines";

export default async () => {
  const sink = (log) => new WritableStream({ write: (chunk) => void log.push(chunk), close: () => void log.push("close"), abort: (reason) => void log.push(`abort ${reason?.message ?? reason}`) });
  const log = [];
  await ReadableStream.from([1, 2]).pipeTo(sink(log));
  print("all", log);
  const kept = [];
  await ReadableStream.from([1]).pipeTo(sink(kept), { preventClose: true });
  print("preventClose", kept);
  const broken = [];
  await attempt("source fails", () => new ReadableStream({ start(controller) { controller.error(new Error("source")); } }).pipeTo(sink(broken)));
  print("sink saw", broken);
  let reason;
  await attempt("sink fails", () => new ReadableStream({ start(controller) { controller.enqueue(1); }, cancel(why) { reason = why?.message; } }).pipeTo(new WritableStream({ write() { throw new Error("sink"); } })));
  print("source saw", reason);
  await attempt("aborted", () => new ReadableStream().pipeTo(new WritableStream(), { signal: AbortSignal.abort() }));
};
