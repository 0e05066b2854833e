// TextEncoder and TextDecoder. Encodings: UTF-8, UTF-16LE, UTF-16BE and windows-1252 (whose labels
// include "latin1" and "ascii"); every other label is refused with a RangeError.
// https://encoding.spec.whatwg.org/#api
import { natives } from "./natives.ts";
import { badArgument, bytesOfSource, defineInterface, isObject } from "./webidl.ts";

const { encodeUtf8, encodeUtf8Into, decodeUtf8, decodeUtf16, decodeWindows1252 } = natives;

/** Where encodeUtf8Into() writes; made in the first call of an isolate's life. */
let progress: Uint32Array | null = null;

/** Below this length V8 keeps an array's bytes on its heap: the call into C++ costs more. */
const shortText = 64;

export function encodeText(text: string): Uint8Array {
  const { length } = text;
  if (length > shortText) return encodeUtf8(text);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encodeUtf8(text);
    bytes[i] = code;
  }
  return bytes;
}

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(input: unknown = ""): Uint8Array {
    return encodeText(typeof input === "string" ? input : `${input as string}`);
  }

  encodeInto(source: unknown, destination: Uint8Array): { read: number; written: number } {
    if (!(destination instanceof Uint8Array)) {
      throw badArgument("encodeInto", "TextEncoder", 2, "Uint8Array");
    }
    progress ??= new Uint32Array(2);
    encodeUtf8Into(`${source as string}`, destination, progress);
    return { read: progress[0]!, written: progress[1]! };
  }
}
defineInterface(TextEncoder, "TextEncoder");

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** https://encoding.spec.whatwg.org/#names-and-labels */
const labels: Record<string, Encoding | undefined> = {
  // @ts-expect-error no prototype
  __proto__: null,
  "unicode-1-1-utf-8": "utf-8",
  unicode11utf8: "utf-8",
  unicode20utf8: "utf-8",
  "utf-8": "utf-8",
  utf8: "utf-8",
  "x-unicode20utf8": "utf-8",
  unicodefffe: "utf-16be",
  "utf-16be": "utf-16be",
  csunicode: "utf-16le",
  "iso-10646-ucs-2": "utf-16le",
  "ucs-2": "utf-16le",
  unicode: "utf-16le",
  unicodefeff: "utf-16le",
  "utf-16": "utf-16le",
  "utf-16le": "utf-16le",
  "ansi_x3.4-1968": "windows-1252",
  ascii: "windows-1252",
  cp1252: "windows-1252",
  cp819: "windows-1252",
  csisolatin1: "windows-1252",
  ibm819: "windows-1252",
  "iso-8859-1": "windows-1252",
  "iso-ir-100": "windows-1252",
  "iso8859-1": "windows-1252",
  iso88591: "windows-1252",
  "iso_8859-1": "windows-1252",
  "iso_8859-1:1987": "windows-1252",
  l1: "windows-1252",
  latin1: "windows-1252",
  "us-ascii": "windows-1252",
  "windows-1252": "windows-1252",
  "x-cp1252": "windows-1252",
};

function encodingOf(label: string): Encoding | undefined {
  let start = 0;
  let end = label.length;
  const isSpace = (code: number) =>
    code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
  while (start < end && isSpace(label.charCodeAt(start))) start++;
  while (end > start && isSpace(label.charCodeAt(end - 1))) end--;
  return labels[label.slice(start, end).toLowerCase()];
}

const noBytes = new Uint8Array(0);

export class TextDecoder {
  #encoding: Encoding = "utf-8";
  #fatal = false;
  #ignoreBom = false;
  /** Of an unfinished character, between two calls of a stream. */
  #pending: Uint8Array | null = null;
  #bomSeen = false;
  #streaming = false;

  constructor(
    label: unknown = "utf-8",
    options: { fatal?: boolean; ignoreBOM?: boolean } | undefined = undefined,
  ) {
    if (label !== "utf-8") {
      const encoding = encodingOf(`${label as string}`);
      if (encoding === undefined) {
        throw new RangeError(`"${label as string}" is not a valid encoding.`);
      }
      this.#encoding = encoding;
    }
    if (options !== undefined && options !== null) {
      if (!isObject(options)) throw badArgument("TextDecoder", "TextDecoder", 2, "object");
      this.#fatal = !!options.fatal;
      this.#ignoreBom = !!options.ignoreBOM;
    }
  }

  get encoding(): string {
    return this.#encoding;
  }
  get fatal(): boolean {
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  decode(input: unknown = undefined, options: { stream?: boolean } | undefined = undefined): string {
    let bytes = input === undefined ? noBytes : bytesOfSource(input);
    if (bytes === undefined) {
      throw badArgument("decode", "TextDecoder", 1, "Array");
    }
    const stream = !!options?.stream;
    if (!this.#streaming) {
      this.#pending = null;
      this.#bomSeen = false;
    }
    this.#streaming = stream;
    if (this.#pending !== null) {
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      bytes = joined;
      this.#pending = null;
    }
    if (stream) {
      const keep = unfinishedBytes(bytes, this.#encoding);
      if (keep > 0) {
        this.#pending = bytes.slice(bytes.length - keep);
        bytes = bytes.subarray(0, bytes.length - keep);
      }
    }
    let text: string | undefined;
    switch (this.#encoding) {
      case "utf-8":
        text = decodeUtf8(bytes, this.#fatal);
        break;
      case "utf-16le":
      case "utf-16be":
        text = decodeUtf16(bytes, this.#encoding === "utf-16be", this.#fatal);
        break;
      case "windows-1252":
        return decodeWindows1252(bytes);
    }
    if (text === undefined) {
      this.#streaming = false;
      throw new TypeError("Failed to decode input.");
    }
    if (!this.#bomSeen && text.length > 0) {
      this.#bomSeen = true;
      if (!this.#ignoreBom && text.charCodeAt(0) === 0xfeff) return text.slice(1);
    }
    return text;
  }
}
defineInterface(TextDecoder, "TextDecoder");

/** How many bytes at the end may be the beginning of a character that goes on. */
function unfinishedBytes(bytes: Uint8Array, encoding: Encoding): number {
  const length = bytes.length;
  if (encoding === "windows-1252" || length === 0) return 0;
  if (encoding === "utf-8") {
    // The first byte of the last character is at most three from the end.
    for (let back = 1; back <= 3 && back <= length; back++) {
      const byte = bytes[length - back]!;
      if (byte < 0x80) return 0;
      if (byte < 0xc0) continue;
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (byte < 0xc2 || byte > 0xf4 || needed <= back) return 0;
      if (back >= 2 && !isSecondByte(byte, bytes[length - back + 1]!)) return 0;
      return back;
    }
    return 0;
  }
  const odd = length % 2;
  if (length - odd >= 2) {
    const at = length - odd - 2;
    const unit =
      encoding === "utf-16le" ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
    if (unit >= 0xd800 && unit <= 0xdbff) return odd + 2;
  }
  return odd;
}

function isSecondByte(first: number, second: number): boolean {
  switch (first) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
  }
  return second >= 0x80 && second <= 0xbf;
}
