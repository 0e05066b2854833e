// Blob and File: immutable bytes with a type.
// https://w3c.github.io/FileAPI/
import { streams } from "./groups.ts";
import { natives } from "./natives.ts";
import type { ReadableStream } from "./streams.ts";
import {
  badConstructorArgument,
  bytesOfSource,
  defineInterface,
  isObject,
  toUsvString,
} from "./webidl.ts";

const { decodeUtf8, encodeUtf8 } = natives;

interface BlobOptions {
  type?: string;
  endings?: string;
}

const internal = Symbol();

/** The bytes themselves, not a copy: whoever gets them must not write. */
export let blobBytes: (blob: Blob) => Uint8Array;
/** A Blob that owns `bytes` from now on. */
export let blobOf: (bytes: Uint8Array, type: string) => Blob;
/** Likewise a File. Runs no code that a script could have put in between. */
export let fileOf: (bytes: Uint8Array, name: string, type: string, lastModified: number) => File;
export let isBlob: (value: unknown) => value is Blob;

export class Blob {
  #bytes: Uint8Array;
  #type: string;

  constructor(parts: unknown = undefined, options: BlobOptions | undefined = undefined) {
    if (parts === internal) {
      const made = options as unknown as { bytes: Uint8Array; type: string };
      this.#bytes = made.bytes;
      this.#type = made.type;
      return;
    }
    if (options !== undefined && options !== null && !isObject(options)) {
      throw badConstructorArgument("Blob", 2, "BlobPropertyBag");
    }
    this.#bytes = parts === undefined ? new Uint8Array(0) : joinParts(parts, options?.endings);
    this.#type = normalizeType(options?.type);
  }

  get size(): number {
    return this.#bytes.length;
  }
  get type(): string {
    return this.#type;
  }

  slice(
    start: number | undefined = undefined,
    end: number | undefined = undefined,
    type: string | undefined = undefined,
  ): Blob {
    const size = this.#bytes.length;
    const from = clamp(start === undefined ? 0 : Number(start), size);
    const to = clamp(end === undefined ? size : Number(end), size);
    return blobOf(this.#bytes.subarray(from, Math.max(from, to)), normalizeType(type));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer as ArrayBuffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }
  async text(): Promise<string> {
    const text = decodeUtf8(this.#bytes, false)!;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
  stream(): ReadableStream {
    return streams.load().streamOfBytes(this.#bytes);
  }

  static {
    blobBytes = (blob) => blob.#bytes;
    blobOf = (bytes, type) => new Blob(internal, { bytes, type } as unknown as BlobOptions);
    isBlob = (value): value is Blob =>
      typeof value === "object" && value !== null && #bytes in value;
  }
}
defineInterface(Blob, "Blob");

function clamp(position: number, size: number): number {
  const integer = Math.trunc(position) || 0;
  return integer < 0 ? Math.max(size + integer, 0) : Math.min(integer, size);
}

/** Lower case; "" when a character is outside of U+0020 to U+007E. */
function normalizeType(type: unknown): string {
  if (type === undefined) return "";
  const text = `${type as string}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return "";
  }
  return text.toLowerCase();
}

function joinParts(parts: unknown, endings: unknown): Uint8Array {
  if (!isObject(parts) || typeof (parts as Record<symbol, unknown>)[Symbol.iterator] !== "function") {
    throw badConstructorArgument("Blob", 1, "Array");
  }
  if (endings !== undefined && endings !== "transparent" && endings !== "native") {
    throw new TypeError('Blob "endings" must be "transparent" or "native".');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const part of parts as Iterable<unknown>) {
    let chunk = isBlob(part) ? blobBytes(part) : bytesOfSource(part);
    if (chunk === undefined) {
      let text = `${part as string}`;
      if (endings === "native") text = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
      chunk = encodeUtf8(text);
    }
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

export let isFile: (value: unknown) => value is File;

export class File extends Blob {
  #name: string;
  #lastModified: number;

  constructor(
    parts: unknown,
    name: string,
    options: (BlobOptions & { lastModified?: number }) | undefined = undefined,
  ) {
    if (parts === internal) {
      super(internal, options);
      const made = options as unknown as { lastModified: number };
      this.#name = name;
      this.#lastModified = made.lastModified;
      return;
    }
    if (parts === undefined) throw badConstructorArgument("File", 1, "Array");
    if (arguments.length < 2) throw badConstructorArgument("File", 2, "string");
    super(parts, options);
    this.#name = toUsvString(name);
    const modified = options?.lastModified;
    this.#lastModified = modified === undefined ? Date.now() : Math.trunc(Number(modified)) || 0;
  }

  get name(): string {
    return this.#name;
  }
  get lastModified(): number {
    return this.#lastModified;
  }

  static {
    fileOf = (bytes, name, type, lastModified) =>
      new File(internal, name, { bytes, type, lastModified } as BlobOptions);
    isFile = (value): value is File => typeof value === "object" && value !== null && #name in value;
  }
}
defineInterface(File, "File");
