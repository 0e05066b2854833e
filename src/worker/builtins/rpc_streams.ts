// Streams of bytes between the two ends of a session: the native side carries them, with
// back-pressure; here they meet the script's ReadableStreams and WritableStreams.
import { bytesOfSource, streams } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";

const {
  bodyRead, encodeUtf8, outgoingDrained, outgoingEnd, outgoingFail, outgoingWrite, rpcStreamFailed,
} = natives;

/** A stream on its way: where rpcSend() takes it from, and what goes on once it has a number. */
export interface Shipment {
  source: number | Uint8Array | [length: number] | null;
  start?: (number: number) => Promise<void>;
}

/** Locks the stream. */
export function shipReadable(stream: ReadableStream): Shipment {
  const { consume, originOf, pumpReader, streamLength } = streams.load();
  const origin = originOf(stream);
  if (origin !== undefined) {
    consume(stream);
    return { source: origin };
  }
  const length = streamLength(stream);
  const reader = stream.getReader();
  return {
    source: [length],
    start: (pipe) =>
      pumpReader(reader, (chunk) => outgoingWrite(pipe, chunk) || outgoingDrained(pipe)).then(
        () => outgoingEnd(pipe),
        () => outgoingFail(pipe, "ReadableStream received over RPC disconnected prematurely."),
      ),
  };
}

/** Locks the stream: what the other side writes is written to it. */
export function shipWritable(stream: WritableStream): Shipment {
  const writer = stream.getWriter();
  return {
    source: null,
    async start(body) {
      for (;;) {
        let chunk: Uint8Array | null;
        try {
          chunk = await bodyRead(body);
        } catch {
          const reason = new Error(
            "WritableStream received over RPC was disconnected because the remote execution " +
              "context has ended.",
          );
          writer.abort(reason).catch(() => {});
          return;
        }
        try {
          if (chunk === null) {
            await writer.close();
            return;
          }
          await writer.ready;
          await writer.write(chunk);
        } catch (error) {
          rpcStreamFailed(body, error instanceof Error ? error.message : String(error));
          return;
        }
      }
    },
  };
}

/** A stream whose bytes go to the other side. */
export function receiveWritable(pipe: number): WritableStream {
  return new (streams.load().WritableStream)({
    async write(chunk: unknown) {
      const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : bytesOfSource(chunk);
      if (bytes === undefined) {
        throw new TypeError(
          "This WritableStream only supports writing byte types (strings, ArrayBuffers and views).",
        );
      }
      if (!outgoingWrite(pipe, bytes)) await outgoingDrained(pipe);
    },
    close() {
      outgoingEnd(pipe);
    },
    abort() {
      outgoingFail(
        pipe,
        "WritableStream received over RPC was disconnected because the remote execution context " +
          "has ended.",
      );
    },
  });
}
