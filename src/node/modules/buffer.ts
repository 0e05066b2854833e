// Buffer.
// https://nodejs.org/api/buffer.html
import { natives } from "../../web/builtins/natives.ts";
import { type Encoding, encodingOf, findEncoding } from "../buffer_encodings.ts";
import { numberMethods } from "../buffer_numbers.ts";
import { checkInteger, invalidArgType, invalidArgValue, nodeError, outOfRange } from "../errors.ts";

type Bytes = Uint8Array;

export const kMaxLength = 0x1fffffffffffff;
export const kStringMaxLength = 0x1fffffe8;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength };
export let INSPECT_MAX_BYTES = 50;

class FastBuffer extends (Uint8Array as new (...args: any[]) => Uint8Array) {}

export function Buffer(value: any, encodingOrOffset?: any, length?: number): FastBuffer {
  if (typeof value === "number") {
    if (typeof encodingOrOffset === "string") throw invalidArgType("string", "string", value);
    return alloc(value);
  }
  return from(value, encodingOrOffset, length);
}
Buffer.prototype = FastBuffer.prototype as any;
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(FastBuffer.prototype, "constructor", { value: Buffer, writable: true, configurable: true });
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer, configurable: true });

// --- Making them ----------------------------------------------------------------------------------

function wrap(bytes: Bytes): FastBuffer {
  return new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checkSize(size: unknown): asserts size is number {
  if (typeof size !== "number") throw invalidArgType("size", "number", size);
  if (!(size >= 0 && size <= kMaxLength)) throw outOfRange("size", `>= 0 && <= ${kMaxLength}`, size);
}

function alloc(size: number, fill?: unknown, encoding?: string): FastBuffer {
  checkSize(size);
  const buffer = new FastBuffer(size);
  if (fill === undefined || fill === 0 || size === 0) return buffer;
  return prototype.fill.call(buffer, fill, typeof encoding === "string" ? encoding : undefined);
}

function allocUnsafe(size: number): FastBuffer {
  checkSize(size);
  return new FastBuffer(size);
}

function isAnyArrayBuffer(value: unknown): value is ArrayBufferLike {
  if (value instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
}

function fromArrayBuffer(value: ArrayBufferLike, offset: unknown, length: unknown): FastBuffer {
  const start = offset === undefined ? 0 : +(offset as number) || 0;
  const most = value.byteLength - start;
  if (most < 0) throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"offset" is outside of buffer bounds');
  if (length === undefined) return new FastBuffer(value, start, most);
  const wanted = +(length as number);
  const size = wanted > 0 ? wanted : 0;
  if (size > most) throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"length" is outside of buffer bounds');
  return new FastBuffer(value, start, size);
}

function from(value: any, encodingOrOffset?: any, length?: number): FastBuffer {
  if (typeof value === "string") {
    const encoding = typeof encodingOrOffset === "string" ? encodingOf(encodingOrOffset) : encodingOf(undefined);
    return wrap(encoding.encode(value));
  }
  if (typeof value === "object" && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf?.();
    if (primitive !== value && (typeof primitive === "string" || (typeof primitive === "object" && primitive !== null))) {
      return from(primitive, encodingOrOffset, length);
    }
    const made = fromObject(value);
    if (made !== undefined) return made;
    if (typeof value[Symbol.toPrimitive] === "function") {
      const text: unknown = value[Symbol.toPrimitive]("string");
      if (typeof text === "string") return from(text, encodingOrOffset);
    }
  }
  throw invalidArgType(
    "first argument", ["string", "Buffer", "ArrayBuffer", "Array", "Array-like Object"], value,
  );
}

function fromObject(value: any): FastBuffer | undefined {
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    return typeof value.length === "number" ? new FastBuffer(value) : new FastBuffer(0);
  }
  return value.type === "Buffer" && Array.isArray(value.data) ? new FastBuffer(value.data) : undefined;
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array;
}

function bytesOf(value: unknown, encoding?: unknown): Bytes {
  return typeof value === "string" ? encodingOf(encoding).encode(value) : (value as Bytes);
}

function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; ++i) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

function range(start: unknown, length: number, otherwise: number): number {
  if (start === undefined) return otherwise;
  const at = Math.trunc(Number(start)) || 0;
  return at < 0 ? 0 : Math.min(at, length);
}

Object.assign(Buffer, {
  poolSize: 8192,
  alloc,
  allocUnsafe,
  allocUnsafeSlow: allocUnsafe,
  from,
  of: (...items: number[]) => new FastBuffer(items),
  isBuffer: (value: unknown) => value instanceof (Buffer as any),
  isEncoding: (name: unknown) => typeof name === "string" && name !== "" && findEncoding(name) !== undefined,
  byteLength(value: unknown, encoding?: unknown): number {
    if (typeof value === "string") return (findEncoding(encoding) ?? encodingOf(undefined)).length(value);
    if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return value.byteLength;
    throw invalidArgType("string", ["string", "Buffer", "ArrayBuffer"], value);
  },
  compare(a: unknown, b: unknown): number {
    if (!isBytes(a)) throw invalidArgType("buf1", ["Buffer", "Uint8Array"], a);
    if (!isBytes(b)) throw invalidArgType("buf2", ["Buffer", "Uint8Array"], b);
    return compare(a, b);
  },
  concat(list: unknown, length?: number): FastBuffer {
    if (!Array.isArray(list)) throw invalidArgType("list", "Array", list);
    let size = 0;
    list.forEach((each, index) => {
      if (!isBytes(each)) throw invalidArgType(`list[${index}]`, ["Buffer", "Uint8Array"], each);
      size += each.length;
    });
    if (length !== undefined) checkInteger(length, "length", 0);
    const whole = new FastBuffer(length ?? size);
    let at = 0;
    for (const each of list as Bytes[]) {
      if (at >= whole.length) break;
      whole.set(each.length > whole.length - at ? each.subarray(0, whole.length - at) : each, at);
      at += each.length;
    }
    return whole;
  },
  copyBytesFrom(view: unknown, offset = 0, length?: number): FastBuffer {
    if (!ArrayBuffer.isView(view) || view instanceof DataView) throw invalidArgType("view", "TypedArray", view);
    checkInteger(offset, "offset", 0);
    const typed = view as Uint8Array;
    const part = typed.subarray(offset, length === undefined ? undefined : offset + length);
    return wrap(new Uint8Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength)));
  },
});

// --- Their methods --------------------------------------------------------------------------------

function find(buffer: Bytes, what: unknown, from: unknown, encoding: unknown, last: boolean): number {
  if (typeof from === "string") {
    encoding = from;
    from = undefined;
  }
  let start = from === undefined ? NaN : Math.trunc(+(from as number));
  if (Number.isNaN(start)) start = last ? buffer.length : 0;
  if (start < 0) start += buffer.length;
  if (start < 0) {
    if (last) return -1;
    start = 0;
  }
  if (typeof what === "number") {
    const byte = what & 255;
    if (!last) return Uint8Array.prototype.indexOf.call(buffer, byte, start);
    return start >= buffer.length
      ? Uint8Array.prototype.lastIndexOf.call(buffer, byte)
      : Uint8Array.prototype.lastIndexOf.call(buffer, byte, start);
  }
  if (typeof what !== "string" && !isBytes(what)) {
    throw invalidArgType("value", ["number", "string", "Buffer", "Uint8Array"], what);
  }
  const needle = bytesOf(what, encoding);
  const step = typeof what === "string" && encodingOf(encoding).name === "utf16le" ? 2 : 1;
  if (needle.length === 0) return last ? Math.min(start, buffer.length) : Math.min(start, buffer.length);
  const end = buffer.length - needle.length;
  if (last) start = Math.min(start, end);
  for (let at = start; last ? at >= 0 : at <= end; at += last ? -1 : 1) {
    if (!last) {
      at = Uint8Array.prototype.indexOf.call(buffer, needle[0]!, at);
      if (at < 0 || at > end) return -1;
    }
    let i = 0;
    while (i < needle.length && buffer[at + i] === needle[i]) ++i;
    if (i === needle.length && at % step === 0) return at;
  }
  return -1;
}

const prototype = {
  toString(this: Bytes, encoding?: unknown, start?: unknown, end?: unknown): string {
    if (arguments.length === 0) return encodingOf(undefined).decode(this);
    const from = range(start, this.length, 0);
    const to = range(end, this.length, this.length);
    if (to <= from) return "";
    return encodingOf(encoding).decode(from === 0 && to === this.length ? this : this.subarray(from, to));
  },

  write(this: Bytes, text: unknown, offset?: unknown, length?: unknown, encoding?: unknown): number {
    if (typeof text !== "string") throw invalidArgType("argument", "string", text);
    if (typeof offset === "string") {
      [encoding, offset, length] = [offset, undefined, undefined];
    } else if (typeof length === "string") {
      [encoding, length] = [length, undefined];
    }
    const at = (offset as number | undefined) ?? 0;
    checkInteger(at, "offset", 0, this.length);
    const room = this.length - at;
    let most = (length as number | undefined) ?? room;
    checkInteger(most, "length", 0);
    most = Math.min(most, room);
    return writeText(this, text, at, most, encodingOf(encoding));
  },

  equals(this: Bytes, other: unknown): boolean {
    if (!isBytes(other)) throw invalidArgType("otherBuffer", ["Buffer", "Uint8Array"], other);
    return this === other || (this.length === other.length && compare(this, other) === 0);
  },

  compare(this: Bytes, target: unknown, targetStart = 0, targetEnd?: number, start = 0, end?: number): number {
    if (!isBytes(target)) throw invalidArgType("target", ["Buffer", "Uint8Array"], target);
    checkInteger(targetStart, "targetStart", 0);
    checkInteger(targetEnd ?? target.length, "targetEnd", 0, target.length);
    checkInteger(start, "sourceStart", 0);
    checkInteger(end ?? this.length, "sourceEnd", 0, this.length);
    return compare(this.subarray(start, end), target.subarray(targetStart, targetEnd));
  },

  copy(this: Bytes, target: Bytes, targetStart = 0, start = 0, end = this.length): number {
    if (!isBytes(target)) throw invalidArgType("target", ["Buffer", "Uint8Array"], target);
    targetStart = Math.trunc(targetStart) || 0;
    start = Math.trunc(start) || 0;
    end = Math.trunc(end) || 0;
    if (targetStart < 0) throw outOfRange("targetStart", ">= 0", targetStart);
    if (start < 0 || start > this.length) throw outOfRange("sourceStart", `>= 0 && <= ${this.length}`, start);
    if (end < 0) throw outOfRange("sourceEnd", ">= 0", end);
    if (targetStart >= target.length || start >= end) return 0;
    const size = Math.min(end - start, target.length - targetStart, this.length - start);
    target.set(this.subarray(start, start + size), targetStart);
    return size;
  },

  slice(this: FastBuffer, start?: number, end?: number): FastBuffer {
    return this.subarray(start, end) as FastBuffer;
  },

  fill(this: FastBuffer, value: unknown, offset?: unknown, end?: unknown, encoding?: unknown): FastBuffer {
    if (typeof offset === "string") [encoding, offset, end] = [offset, undefined, undefined];
    else if (typeof end === "string") [encoding, end] = [end, undefined];
    const from = (offset as number | undefined) ?? 0;
    const to = (end as number | undefined) ?? this.length;
    if (offset !== undefined) checkInteger(from, "offset", 0, this.length);
    if (end !== undefined) checkInteger(to, "end", 0, this.length);
    if (from >= to) return this;
    if (typeof value !== "string" && !isBytes(value)) {
      Uint8Array.prototype.fill.call(this, Number(value) & 255, from, to);
      return this;
    }
    const pattern = bytesOf(value, encoding);
    if (pattern.length === 0) {
      if (typeof value === "string" && value === "") {
        Uint8Array.prototype.fill.call(this, 0, from, to);
        return this;
      }
      throw invalidArgValue("value", value);
    }
    if (pattern.length === 1) {
      Uint8Array.prototype.fill.call(this, pattern[0]!, from, to);
      return this;
    }
    const first = Math.min(pattern.length, to - from);
    this.set(pattern.subarray(0, first), from);
    for (let done = first; done < to - from; done *= 2) {
      this.copyWithin(from + done, from, from + Math.min(done, to - from - done));
    }
    return this;
  },

  indexOf(this: Bytes, value: unknown, from?: unknown, encoding?: unknown): number {
    return find(this, value, from, encoding, false);
  },
  lastIndexOf(this: Bytes, value: unknown, from?: unknown, encoding?: unknown): number {
    return find(this, value, from, encoding, true);
  },
  includes(this: Bytes, value: unknown, from?: unknown, encoding?: unknown): boolean {
    return find(this, value, from, encoding, false) >= 0;
  },

  toJSON(this: Bytes): { type: "Buffer"; data: number[] } {
    return { type: "Buffer", data: [...this] };
  },

  [Symbol.for("nodejs.util.inspect.custom")](this: Bytes): string {
    const shown = [...this.subarray(0, INSPECT_MAX_BYTES)].map((byte) => byte.toString(16).padStart(2, "0"));
    const left = this.length - INSPECT_MAX_BYTES;
    if (left > 0) shown.push(`... ${left} more byte${left > 1 ? "s" : ""}`);
    return `<${["Buffer", ...shown].join(" ")}>`;
  },
};

function writeText(buffer: Bytes, text: string, at: number, most: number, encoding: Encoding): number {
  if (encoding.name === "utf8") {
    // Whole characters only.
    const counts = new Uint32Array(2);
    natives.encodeUtf8Into(text, new Uint8Array(buffer.buffer, buffer.byteOffset + at, most), counts);
    return counts[1]!;
  }
  const bytes = encoding.encode(text);
  const whole = encoding.name === "utf16le" ? most & ~1 : most;
  const size = Math.min(bytes.length, whole);
  buffer.set(size === bytes.length ? bytes : bytes.subarray(0, size), at);
  return size;
}

/** utf8Slice(start, end), base64Write(text, offset, length), ... of Node's own inner side. */
const named: Record<string, unknown> = {};
for (const name of ["utf8", "latin1", "ascii", "base64", "base64url", "hex", "ucs2"]) {
  named[`${name}Slice`] = function (this: Bytes, start?: number, end?: number) {
    return prototype.toString.call(this, name, start, end);
  };
  named[`${name}Write`] = function (this: Bytes, text: string, offset?: number, length?: number) {
    return prototype.write.call(this, text, offset, length, name);
  };
}

for (const key of Reflect.ownKeys({ ...numberMethods, ...named, ...prototype })) {
  const value = (prototype as any)[key] ?? numberMethods[key as string] ?? named[key as string];
  Object.defineProperty(FastBuffer.prototype, key, { value, writable: true, configurable: true, enumerable: true });
}
Object.defineProperties(FastBuffer.prototype, {
  toLocaleString: { value: prototype.toString, writable: true, configurable: true },
  inspect: {
    value: (prototype as any)[Symbol.for("nodejs.util.inspect.custom")], writable: true, configurable: true,
  },
  parent: {
    get(this: unknown) {
      return this instanceof (Buffer as any) ? (this as Bytes).buffer : undefined;
    },
    enumerable: true,
  },
  offset: {
    get(this: unknown) {
      return this instanceof (Buffer as any) ? (this as Bytes).byteOffset : undefined;
    },
    enumerable: true,
  },
});

// --- Beside it ------------------------------------------------------------------------------------

export function SlowBuffer(size: number): FastBuffer {
  return allocUnsafe(size);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);

function viewOf(value: unknown, name: string): Bytes {
  if (isBytes(value)) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw invalidArgType(name, ["ArrayBuffer", "Buffer", "TypedArray"], value);
}

export function isUtf8(input: unknown): boolean {
  return natives.decodeUtf8(viewOf(input, "input"), true) !== undefined;
}

export function isAscii(input: unknown): boolean {
  return viewOf(input, "input").every((byte) => byte < 128);
}

/** From one encoding to another; what the other has not becomes "?". */
export function transcode(source: unknown, fromEncoding: unknown, toEncoding: unknown): FastBuffer {
  const bytes = viewOf(source, "source");
  const to = encodingOf(toEncoding);
  const text = encodingOf(fromEncoding).decode(bytes);
  const limit = to.name === "ascii" ? 128 : to.name === "latin1" ? 256 : 0;
  if (limit === 0) return wrap(to.encode(text));
  return wrap(to.encode([...text].map((each) => (each.codePointAt(0)! < limit ? each : "?")).join("")));
}

const { Blob: platformBlob, File: platformFile, atob: platformAtob, btoa: platformBtoa } = globalThis as any;
export { platformBlob as Blob, platformFile as File, platformAtob as atob, platformBtoa as btoa };
