// Byte streams and BYOB readers.
import { attempt, print } from "lines";

export default async () => {
  const stream = new ReadableStream({
    type: "bytes",
    start(controller) {
      controller.enqueue(new Uint8Array([1, 2, 3, 4, 5]));
      controller.close();
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  print("two", (await reader.read(new Uint8Array(2))).value);
  print("rest", (await reader.read(new Uint8Array(10))).value);
  const end = await reader.read(new Uint8Array(4));
  print("end", end.done, end.value?.byteLength);
  await attempt("byob of a plain stream", () => new ReadableStream().getReader({ mode: "byob" }));
  await attempt("empty view", () => new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }).read(new Uint8Array(0)));
  await attempt("mode", () => new ReadableStream().getReader({ mode: "x" }));
};
