// CompressionStream and DecompressionStream: gzip, deflate and deflate-raw, by zlib.
// https://compression.spec.whatwg.org/
import { natives } from "./natives.ts";
import { type ReadableStream, TransformStream, type WritableStream } from "./streams.ts";
import { badConstructorArgument, bytesOfSource, defineInterface } from "./webidl.ts";

const { codecPush, codecSize, codecStart, encodeUtf8 } = natives;

function makeTransform(name: string, format: unknown, compress: boolean): TransformStream {
  if (format === undefined) throw badConstructorArgument(name, 1, "string");
  const chosen = `${format as string}`;
  if (chosen !== "gzip" && chosen !== "deflate" && chosen !== "deflate-raw") {
    throw new TypeError("The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.");
  }
  const codec = new ArrayBuffer(codecSize(compress));
  codecStart(codec, chosen, compress);
  const push = (bytes: Uint8Array | null, enqueue: (chunk: Uint8Array) => void) => {
    const output = codecPush(codec, bytes);
    if (typeof output === "string") throw new TypeError(output);
    if (output.length > 0) enqueue(output);
  };
  return new TransformStream({
    transform(chunk: unknown, controller) {
      const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : bytesOfSource(chunk);
      if (bytes === undefined) {
        throw new TypeError(`${name} takes chunks of bytes: ArrayBuffer or ArrayBufferView.`);
      }
      if (bytes.length > 0) push(bytes, (output) => controller.enqueue(output));
    },
    flush(controller) {
      push(null, (output) => controller.enqueue(output));
    },
  });
}

export class CompressionStream {
  #transform: TransformStream;
  constructor(format: unknown) {
    this.#transform = makeTransform("CompressionStream", format, true);
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }
  get writable(): WritableStream {
    return this.#transform.writable;
  }
}
Object.setPrototypeOf(CompressionStream, TransformStream);
Object.setPrototypeOf(CompressionStream.prototype, TransformStream.prototype);
defineInterface(CompressionStream, "CompressionStream");

export class DecompressionStream {
  #transform: TransformStream;
  constructor(format: unknown) {
    this.#transform = makeTransform("DecompressionStream", format, false);
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }
  get writable(): WritableStream {
    return this.#transform.writable;
  }
}
Object.setPrototypeOf(DecompressionStream, TransformStream);
Object.setPrototypeOf(DecompressionStream.prototype, TransformStream.prototype);
defineInterface(DecompressionStream, "DecompressionStream");
