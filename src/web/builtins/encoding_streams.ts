// TextEncoderStream and TextDecoderStream.
// https://encoding.spec.whatwg.org/#interface-textencoderstream
import { natives } from "./natives.ts";
import { type ReadableStream, TransformStream, type WritableStream } from "./streams.ts";
import { TextDecoder } from "./text_encoding.ts";
import { defineInterface, toDomString } from "./webidl.ts";

const { encodeUtf8 } = natives;

export class TextEncoderStream {
  #transform: TransformStream;

  constructor() {
    /** The first half of a pair that the last chunk ended with. */
    let pending = "";
    this.#transform = new TransformStream({
      transform(chunk: unknown, controller) {
        let text = pending + toDomString(chunk);
        pending = "";
        const last = text.charCodeAt(text.length - 1);
        if (last >= 0xd800 && last <= 0xdbff) {
          pending = text.slice(-1);
          text = text.slice(0, -1);
        }
        if (text !== "") controller.enqueue(encodeUtf8(text));
      },
      flush(controller) {
        if (pending !== "") controller.enqueue(encodeUtf8(pending));
      },
    });
  }

  get encoding(): string {
    void this.#transform;
    return "utf-8";
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }
  get writable(): WritableStream<string> {
    return this.#transform.writable;
  }
}
Object.setPrototypeOf(TextEncoderStream, TransformStream);
Object.setPrototypeOf(TextEncoderStream.prototype, TransformStream.prototype);
defineInterface(TextEncoderStream, "TextEncoderStream");

export class TextDecoderStream {
  #decoder: TextDecoder;
  #transform: TransformStream;

  constructor(
    label: unknown = "utf-8",
    options: { fatal?: boolean; ignoreBOM?: boolean } | undefined = undefined,
  ) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk: unknown, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#decoder.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
  get readable(): ReadableStream<string> {
    return this.#transform.readable;
  }
  get writable(): WritableStream {
    return this.#transform.writable;
  }
}
Object.setPrototypeOf(TextDecoderStream, TransformStream);
Object.setPrototypeOf(TextDecoderStream.prototype, TransformStream.prototype);
defineInterface(TextDecoderStream, "TextDecoderStream");
