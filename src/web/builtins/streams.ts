// Streams: the classes are those of web-streams-polyfill (the reference implementation of the
// standard); here is what connects them to bodies.
// https://streams.spec.whatwg.org/
import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "web-streams-polyfill";
import { addAbortAlgorithm, type AbortSignal, removeAbortAlgorithm } from "./abort.ts";
import { natives } from "./natives.ts";
import { bytesOfSource, platformPrototypes } from "./webidl.ts";

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

for (const [name, constructor] of Object.entries({
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
})) {
  // The bundler may have renamed it.
  Object.defineProperty(constructor, "name", { value: name, configurable: true });
  platformPrototypes.add(constructor.prototype);
}

Object.defineProperty(ReadableStreamBYOBReader.prototype, "readAtLeast", {
  /** Reads until at least `minimum` bytes are in `view`, an extension of Workers. */
  value: function readAtLeast(
    this: ReadableStreamBYOBReader,
    minimum: number,
    view: Uint8Array<ArrayBuffer>,
  ): Promise<unknown> {
    return this.read(view, { min: minimum });
  },
  enumerable: true,
  writable: true,
  configurable: true,
});

const { bodyRead, bodyCancel, bodyLength } = natives;

/** What the library keeps on a stream. */
interface StreamState {
  _disturbed: boolean;
  _reader: unknown;
}

export function isReadableStream(value: unknown): value is ReadableStream {
  return value instanceof ReadableStream && Object.hasOwn(value, "_readableStreamController");
}

export function isWritableStream(value: unknown): value is WritableStream {
  return value instanceof WritableStream && Object.hasOwn(value, "_writableStreamController");
}

/** Was it ever read from or canceled? */
export function isDisturbed(stream: ReadableStream): boolean {
  return (stream as unknown as StreamState)._disturbed;
}

export function isLocked(stream: ReadableStream): boolean {
  return (stream as unknown as StreamState)._reader !== undefined;
}

/** Returns its argument, which a derived class then adds its private fields to. */
const Identity = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/**
 * What a stream was made over, and its length: private fields on the stream itself, which no script
 * can see or forge. (A WeakMap would do, at ten times the cost.)
 */
class Provenance extends Identity {
  #origin: Uint8Array | BodyId | undefined;
  #length: number;
  constructor(stream: ReadableStream, origin: Uint8Array | BodyId | undefined, length: number) {
    super(stream);
    this.#origin = origin;
    this.#length = length;
  }
  static originOf(stream: object): Uint8Array | BodyId | undefined {
    return #origin in stream ? stream.#origin : undefined;
  }
  static lengthOf(stream: object): number {
    return #length in stream ? stream.#length : -1;
  }
}

/** What an untouched stream was made over; undefined when it is not known or too late. The caller
 * that uses it instead of the stream calls consume(). */
export function originOf(stream: ReadableStream): Uint8Array | BodyId | undefined {
  return isDisturbed(stream) || isLocked(stream) ? undefined : Provenance.originOf(stream);
}

/** In the place of a reader: locked for ever. */
const nobody = Object.freeze({});

/** Makes a stream look read and locked: its origin is used instead. */
export function consume(stream: ReadableStream): void {
  const state = stream as unknown as StreamState;
  state._disturbed = true;
  state._reader = nobody;
}

/** The announced number of bytes, or -1. */
export function streamLength(stream: ReadableStream): number {
  const origin = Provenance.originOf(stream);
  return typeof origin === "number" ? bodyLength(origin) : Provenance.lengthOf(stream);
}

export function setStreamLength(stream: ReadableStream, length: number): void {
  new Provenance(stream, undefined, length);
}

/** A byte stream of one chunk (none, if empty). `bytes` are copied when they are read. */
export function streamOfBytes(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let done = false;
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (bytes.length > 0 && !done) {
        done = true;
        controller.enqueue(bytes.slice());
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  new Provenance(stream, bytes, bytes.length);
  return stream;
}

/** A byte stream over a native body. */
export function streamOfNative(id: BodyId): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      return bodyRead(id).then((chunk) => {
        if (chunk !== null) {
          controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
          return;
        }
        controller.close();
        controller.byobRequest?.respond(0);
      });
    },
    cancel() {
      bodyCancel(id);
    },
  });
  new Provenance(stream, id, -1);
  return stream;
}

/** The same, which fails with the reason when `signal` aborts; `canceled` then ends the source. */
export function abortableStream(
  id: BodyId,
  signal: AbortSignal,
  canceled: () => void,
): ReadableStream<Uint8Array> {
  const source = streamOfNative(id).getReader();
  let fail: (reason: unknown) => void;
  const over = () => removeAbortAlgorithm(signal, fail);
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      fail = (reason) => {
        controller.error(reason);
        canceled();
      };
      addAbortAlgorithm(signal, fail);
    },
    async pull(controller) {
      const { done, value } = await source.read();
      if (signal.aborted) return;
      if (!done) {
        controller.enqueue(value as Uint8Array<ArrayBuffer>);
        return;
      }
      over();
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel(reason) {
      over();
      return source.cancel(reason);
    },
  });
}

function notBytes(): TypeError {
  return new TypeError("This ReadableStream did not return bytes.");
}

/**
 * Reads a stream to its end and hands each chunk to `write`, which returns true, or a promise to
 * wait for before the next one. When `write` fails the stream is canceled and the error passed on.
 */
export function pumpStream(
  stream: ReadableStream,
  write: (chunk: Uint8Array) => true | Promise<unknown>,
): Promise<void> {
  return pumpReader(stream.getReader(), write);
}

export async function pumpReader(
  reader: ReadableStreamDefaultReader,
  write: (chunk: Uint8Array) => true | Promise<unknown>,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    try {
      const bytes = bytesOfSource(value);
      if (bytes === undefined) throw notBytes();
      const written = write(bytes);
      if (written !== true) await written;
    } catch (error) {
      reader.cancel(error).catch(() => {});
      throw error;
    }
  }
}

export async function readAllBytes(stream: ReadableStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await pumpStream(stream, (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    return true;
  });
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
