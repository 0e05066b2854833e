// TransformStream: start, transform, flush, terminate.
import { print } from "lines";

export default async () => {
  const upper = new TransformStream({
    start(controller) {
      controller.enqueue("begin");
    },
    transform(chunk, controller) {
      if (chunk === "stop") controller.terminate();
      else controller.enqueue(chunk.toUpperCase());
    },
    flush(controller) {
      controller.enqueue("end");
    },
  });
  const chunks = [];
  for await (const chunk of ReadableStream.from(["a", "b"]).pipeThrough(upper)) chunks.push(chunk);
  print("chunks", chunks);
  const identity = new TransformStream();
  const writer = identity.writable.getWriter();
  writer.write({ any: "object" });
  print("identity", await identity.readable.getReader().read());
};
