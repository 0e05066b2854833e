// Reading a stream: readers, locks, iteration, cancel.
import { attempt, print } from "lines";

export default async () => {
  const make = () => new ReadableStream({
    start(controller) {
      for (const chunk of ["a", "b", "c"]) controller.enqueue(chunk);
      controller.close();
    },
    cancel(reason) {
      print("cancelled", reason);
    },
  });
  const chunks = [];
  for await (const chunk of make()) chunks.push(chunk);
  print("iterated", chunks);
  const stream = make();
  const reader = stream.getReader();
  print("locked", stream.locked, await reader.read());
  await attempt("second reader", () => stream.getReader());
  await attempt("iterate locked", () => stream.values());
  await attempt("cancel locked", () => stream.cancel());
  reader.releaseLock();
  await attempt("read released", () => reader.read());
  print("rest", await stream.getReader().read());
  const open = new ReadableStream({ cancel: (reason) => print("cancel", reason) });
  print("cancel result", await open.cancel("why"));
  for await (const chunk of make()) {
    print("first", chunk);
    break;
  }
};
