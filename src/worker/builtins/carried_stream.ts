// A stream that is read elsewhere than where it is produced: by the caller of an object, or by the
// object that was called. The producer's code runs in the producer's own invocation, whoever reads,
// and a chunk of an object's leaves when what the object wrote before it is durable.
import { bytesOfSource, streams } from "../../web/builtins/index.ts";
import { beforeOutput } from "./gates.ts";

interface ByteController {
  readonly byobRequest: { respond(bytes: number): void } | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}

export interface CarriedStream {
  stream: ReadableStream;
  /** The producer is gone. */
  fail: (error: unknown) => void;
}

/** Call in the producer's invocation. `ended`: nothing more will come of it. */
export function carry(source: ReadableStream, ended: () => void): CarriedStream {
  const { ReadableStream, setStreamLength, streamLength } = streams.load();
  const reader = source.getReader();
  let controller!: ByteController;
  let over = false;
  let canceled: { reason: unknown } | null = null;
  /** The reader wants a chunk. */
  let wanted = Promise.withResolvers<void>();
  /** It has been given one. */
  let given: (() => void) | null = null;

  const give = (action: () => void) => {
    if (!over) action();
    given?.();
    given = null;
  };
  const finish = (action: () => void) => {
    give(action);
    over = true;
  };
  const stream = new ReadableStream({
    type: "bytes",
    start(own) {
      controller = own as ByteController;
    },
    pull() {
      return new Promise<void>((resolve) => {
        given = resolve;
        wanted.resolve();
      });
    },
    cancel(reason) {
      over = true;
      canceled = { reason };
      wanted.resolve();
    },
  });
  const length = streamLength(source);
  if (length >= 0) setStreamLength(stream, length);

  const produce = async () => {
    for (;;) {
      await wanted.promise;
      wanted = Promise.withResolvers<void>();
      if (canceled !== null) return reader.cancel(canceled.reason);
      const { done, value } = await reader.read();
      const gate = beforeOutput();
      if (gate !== undefined) await gate;
      if (done) {
        finish(() => {
          controller.close();
          controller.byobRequest?.respond(0);
        });
        return;
      }
      const bytes = bytesOfSource(value);
      if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
      // A copy: enqueue() takes its buffer away.
      if (bytes.length > 0) give(() => controller.enqueue(bytes.slice()));
      else wanted.resolve();
    }
  };
  const fail = (error: unknown) => finish(() => controller.error(error));
  produce()
    .catch((error: unknown) => {
      reader.cancel(error).catch(() => {});
      fail(error);
    })
    .finally(ended);
  return { stream, fail };
}
