// Randomness, hashes and their keyed form. Hashes gather what they are fed and are computed at once.
// https://nodejs.org/api/crypto.html
import { Buffer as NodeBuffer } from "node:buffer";
import { natives } from "../../web/builtins/natives.ts";
import { encodingOf } from "../buffer_encodings.ts";
import { checkFunction, checkInteger, checkString, invalidArgType, nodeError, outOfRange } from "../errors.ts";

const Buffer = NodeBuffer as any;
const { digest, randomFill: fillRandomly, randomUuid, timingSafeEqual: sameBytes } = natives;
export const { crypto: webcrypto } = globalThis;
export const { subtle } = webcrypto;

export function getRandomValues<T extends ArrayBufferView>(view: T): T {
  return webcrypto.getRandomValues(view);
}

export function randomUUID(): string {
  return randomUuid();
}

/** The generator gives at most this much at a time. */
const most = 65536;

function fill(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += most) fillRandomly(bytes.subarray(at, at + most));
}

type Done<T> = (error: Error | null, value?: T) => void;

export function randomBytes(size: number, callback?: Done<unknown>): unknown {
  checkInteger(size, "size", 0, 0x7fffffff);
  const bytes: Uint8Array = Buffer.alloc(size);
  fill(bytes);
  if (callback === undefined) return bytes;
  checkFunction(callback, "callback");
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}
export { randomBytes as pseudoRandomBytes };

export function randomFillSync<T extends ArrayBufferView | ArrayBuffer>(target: T, offset = 0, size?: number): T {
  const bytes = bytesOf(target, "buf");
  checkInteger(offset, "offset", 0, bytes.length);
  const length = size ?? bytes.length - offset;
  checkInteger(length, "size", 0, bytes.length - offset);
  fill(bytes.subarray(offset, offset + length));
  return target;
}

export function randomFill(target: ArrayBufferView | ArrayBuffer, ...rest: any[]): void {
  const callback: unknown = rest.pop();
  checkFunction(callback, "callback");
  randomFillSync(target, rest[0] as number, rest[1] as number);
  queueMicrotask(() => callback(null, target));
}

/** A whole number in [min, max), each as likely as any other. */
export function randomInt(...args: any[]): number | undefined {
  const callback: unknown = typeof args.at(-1) === "function" ? args.pop() : undefined;
  const [min, max] = args.length < 2 ? [0, args[0]] : args;
  if (!Number.isSafeInteger(min)) throw invalidArgType("min", "a safe integer", min);
  if (!Number.isSafeInteger(max)) throw invalidArgType("max", "a safe integer", max);
  const range: number = max - min;
  if (!(range > 0)) throw outOfRange("max", `greater than the value of "min" (${min})`, max);
  if (range > 2 ** 48 - 1) throw outOfRange("max - min", `<= ${2 ** 48 - 1}`, range);
  const limit = 2 ** 48 - (2 ** 48 % range);
  const bytes = new Uint8Array(6);
  let value: number;
  do {
    fillRandomly(bytes);
    value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  } while (value >= limit);
  const result = min + (value % range);
  if (callback === undefined) return result;
  queueMicrotask(() => (callback as Done<number>)(null, result));
  return undefined;
}

function bytesOf(value: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, ["ArrayBuffer", "Buffer", "TypedArray", "DataView"], value);
}

function inputOf(value: unknown, encoding: unknown, name: string): Uint8Array {
  if (typeof value === "string") return encodingOf(encoding === "buffer" ? undefined : encoding).encode(value);
  if (ArrayBuffer.isView(value)) return bytesOf(value, name);
  throw invalidArgType(name, ["string", "Buffer", "TypedArray", "DataView"], value);
}

export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const left = bytesOf(a, "buf1");
  const right = bytesOf(b, "buf2");
  if (left.length !== right.length) {
    throw nodeError(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length");
  }
  return sameBytes(left, right);
}

/** By name as Node takes it: the digest's own name, and its block in bytes. */
const hashes: Record<string, [name: string, block: number] | undefined> = {
  __proto__: null as never,
  md5: ["MD5", 64],
  sha1: ["SHA-1", 64],
  sha256: ["SHA-256", 64],
  sha384: ["SHA-384", 128],
  sha512: ["SHA-512", 128],
};

function findHash(name: string): [string, number] {
  const found = hashes[name.toLowerCase().replace(/^rsa-/, "").replace("-", "")];
  if (found === undefined) throw nodeError(Error, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
  return found;
}

export function getHashes(): string[] {
  return Object.keys(hashes);
}

class Gathered {
  protected chunks: Uint8Array[] = [];
  protected done = false;

  update(data: unknown, encoding?: unknown): this {
    if (this.done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    const bytes = inputOf(data, encoding, "data");
    // A string was encoded into bytes of its own; the others may change.
    this.chunks.push(typeof data === "string" ? bytes : bytes.slice());
    return this;
  }

  protected finish(first?: Uint8Array): Uint8Array {
    if (this.done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    this.done = true;
    const chunks = first === undefined ? this.chunks : [first, ...this.chunks];
    this.chunks = [];
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
}

function encoded(bytes: ArrayBuffer, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  return encoding === undefined || encoding === null || encoding === "buffer" ? buffer : buffer.toString(encoding);
}

export class Hash extends Gathered {
  readonly #name: string;

  constructor(algorithm: string) {
    super();
    checkString(algorithm, "algorithm");
    [this.#name] = findHash(algorithm);
  }

  digest(encoding?: unknown): unknown {
    return encoded(digest(this.#name, this.finish()), encoding);
  }

  copy(): Hash {
    if (this.done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    const other = new Hash(this.#name);
    other.chunks = [...this.chunks];
    return other;
  }
}

/** RFC 2104. */
export class Hmac extends Gathered {
  readonly #name: string;
  readonly #outer: Uint8Array;
  readonly #inner: Uint8Array;

  constructor(algorithm: string, key: unknown) {
    super();
    checkString(algorithm, "hmac");
    const [name, block] = findHash(algorithm);
    this.#name = name;
    let bytes = typeof key === "string" ? inputOf(key, undefined, "key") : bytesOf(key, "key");
    if (bytes.length > block) bytes = new Uint8Array(digest(name, bytes));
    this.#outer = new Uint8Array(block).fill(0x5c);
    this.#inner = new Uint8Array(block).fill(0x36);
    bytes.forEach((byte, i) => {
      this.#outer[i]! ^= byte;
      this.#inner[i]! ^= byte;
    });
  }

  digest(encoding?: unknown): unknown {
    const inner = new Uint8Array(digest(this.#name, this.finish(this.#inner)));
    return encoded(digest(this.#name, Buffer.concat([this.#outer, inner])), encoding);
  }
}

export function createHash(algorithm: string): Hash {
  return new Hash(algorithm);
}

export function createHmac(algorithm: string, key: unknown): Hmac {
  return new Hmac(algorithm, key);
}

/** The digest of one piece of data. */
export function hash(algorithm: string, data: unknown, encoding: unknown = "hex"): unknown {
  return new Hash(algorithm).update(data).digest(encoding);
}
