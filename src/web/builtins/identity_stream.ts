// IdentityTransformStream and FixedLengthStream: bytes in, the same bytes out. Extensions of Workers.
// https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
import { natives } from "./natives.ts";
import {
  type ReadableByteStreamController,
  ReadableStream,
  setStreamLength,
  TransformStream,
  WritableStream,
  type WritableStreamDefaultController,
} from "./streams.ts";
import { badConstructorArgument, bytesOfSource, defineInterface } from "./webidl.ts";

const { encodeUtf8 } = natives;

interface IdentityOptions {
  highWaterMark?: number;
}

interface Ends {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream;
}

/** `length`: how many bytes have to pass; -1 for any number. */
function makeEnds(length: number, options: IdentityOptions | undefined): Ends {
  let output: ReadableByteStreamController;
  let input: WritableStreamDefaultController;
  let left = length;
  // A write waits until somebody reads, and a pull until somebody has written.
  let onDemand: (() => void) | null = null;
  let onSupply: (() => void) | null = null;
  let failed = false;

  const supplied = () => {
    onSupply?.();
    onSupply = null;
  };
  const fail = (error: unknown) => {
    if (failed) return;
    failed = true;
    output.error(error);
    input.error(error);
    supplied();
    onDemand?.();
  };

  const readable = new ReadableStream({
    type: "bytes",
    start(controller) {
      output = controller;
    },
    pull() {
      onDemand?.();
      onDemand = null;
      return new Promise<void>((resolve) => {
        onSupply = resolve;
      });
    },
    cancel(reason) {
      failed = true;
      input.error(reason);
      supplied();
      onDemand?.();
    },
  });
  const writable = new WritableStream(
    {
      start(controller) {
        input = controller;
      },
      async write(chunk: unknown) {
        const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : bytesOfSource(chunk)?.slice();
        if (bytes === undefined) {
          const error = new TypeError(
            "This TransformStream is being used as a byte stream, but received an object of " +
              "non-ArrayBuffer/ArrayBufferView type on its writable side.",
          );
          fail(error);
          throw error;
        }
        if (bytes.length === 0) return;
        if (length >= 0 && bytes.length > left) {
          const error = new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
          fail(error);
          throw error;
        }
        left -= bytes.length;
        if (onSupply === null) {
          await new Promise<void>((resolve) => {
            onDemand = resolve;
          });
        }
        if (failed) return;
        output.enqueue(bytes as Uint8Array<ArrayBuffer>);
        supplied();
      },
      close() {
        if (length >= 0 && left > 0) {
          const error = new TypeError(
            "FixedLengthStream did not see all expected bytes before close().",
          );
          fail(error);
          throw error;
        }
        if (failed) return;
        output.close();
        output.byobRequest?.respond(0);
        supplied();
      },
      abort(reason) {
        fail(reason);
      },
    },
    { highWaterMark: options?.highWaterMark ?? 1, size: options?.highWaterMark === undefined ? () => 1 : chunkSize },
  );
  if (length >= 0) setStreamLength(readable, length);
  return { readable: readable as ReadableStream<Uint8Array>, writable };
}

function chunkSize(chunk: unknown): number {
  return bytesOfSource(chunk)?.length ?? 1;
}

const internal = Symbol();

export class IdentityTransformStream {
  #ends: Ends;
  constructor(options: IdentityOptions | undefined = undefined) {
    this.#ends = (options as unknown) === internal ? (arguments[1] as Ends) : makeEnds(-1, options);
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#ends.readable;
  }
  get writable(): WritableStream {
    return this.#ends.writable;
  }
}
Object.setPrototypeOf(IdentityTransformStream, TransformStream);
Object.setPrototypeOf(IdentityTransformStream.prototype, TransformStream.prototype);
defineInterface(IdentityTransformStream, "IdentityTransformStream");

/** Announces its length, and insists on it. */
export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, options: IdentityOptions | undefined = undefined) {
    if (arguments.length === 0 || expectedLength === undefined) {
      throw badConstructorArgument("FixedLengthStream", 1, "bigint");
    }
    const length = Number(expectedLength);
    if (!Number.isInteger(length)) {
      throw new TypeError("The value cannot be converted because it is not an integer.");
    }
    if (length < 0) {
      throw new TypeError(
        "The value cannot be converted because it is negative and this API expects a positive bigint.",
      );
    }
    if (length > Number.MAX_SAFE_INTEGER) {
      throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
    }
    // @ts-expect-error the second argument is the base class's own matter
    super(internal, makeEnds(length, options));
  }
}
defineInterface(FixedLengthStream, "FixedLengthStream");
