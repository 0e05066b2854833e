// tee(): both branches, cancel of both.
import { print } from "lines";

export default async () => {
  let cancelled;
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue("x");
      controller.enqueue("y");
    },
    cancel(reason) {
      cancelled = reason;
    },
  });
  const [a, b] = source.tee();
  print("locked", source.locked);
  print("a", await a.getReader().read());
  const readerOfB = b.getReader();
  print("b", await readerOfB.read(), await readerOfB.read());
  const [c, d] = new ReadableStream({ cancel: (reason) => (cancelled = reason) }).tee();
  const both = Promise.all([c.cancel("one"), d.cancel("two")]);
  await both;
  print("cancelled", cancelled);
};
