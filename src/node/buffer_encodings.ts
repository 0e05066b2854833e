// The encodings of Buffer: strings to bytes and back.
import { natives } from "../web/builtins/natives.ts";
import { nodeError } from "./errors.ts";

const { decodeLatin1, decodeUtf8, encodeLatin1, encodeUtf8, utf8Length } = natives;

export interface Encoding {
  name: string;
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
  /** Of the bytes that encode() would give. */
  length(text: string): number;
}

const maxApply = 8192;

function utf16(bytes: Uint8Array): string {
  // Unpaired surrogates stay what they are, which a TextDecoder would not let them.
  const units = new Uint16Array(bytes.length >>> 1);
  new Uint8Array(units.buffer).set(bytes.subarray(0, units.length * 2));
  let text = "";
  for (let i = 0; i < units.length; i += maxApply) {
    text += String.fromCharCode(...units.subarray(i, i + maxApply));
  }
  return text;
}

function fromUtf16(text: string): Uint8Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; ++i) units[i] = text.charCodeAt(i);
  return new Uint8Array(units.buffer);
}

function fromLatin1(text: string): Uint8Array {
  const bytes = encodeLatin1(text);
  if (bytes !== undefined) return bytes;
  const truncated = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) truncated[i] = text.charCodeAt(i);
  return truncated;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    // Node takes either alphabet, skips what belongs to neither, and stops at "=".
    const end = text.indexOf("=");
    let digits = (end < 0 ? text : text.slice(0, end)).replaceAll(/[^A-Za-z0-9+/_-]/g, "");
    if (digits.length % 4 === 1) digits = digits.slice(0, -1);
    return Uint8Array.fromBase64(digits.replaceAll("-", "+").replaceAll("_", "/"));
  }
}

function fromHex(text: string): Uint8Array {
  const even = text.length & 1 ? text.slice(0, -1) : text;
  try {
    return Uint8Array.fromHex(even);
  } catch {
    // Up to the first pair that is none.
    const valid = /^(?:[0-9a-fA-F]{2})*/.exec(even)![0];
    return Uint8Array.fromHex(valid);
  }
}

function base64Length(text: string): number {
  let length = text.length;
  if (text.charCodeAt(length - 1) === 0x3d) --length;
  if (length > 1 && text.charCodeAt(length - 1) === 0x3d) --length;
  return (length * 3) >>> 2;
}

const utf8: Encoding = {
  name: "utf8",
  encode: encodeUtf8,
  decode: (bytes) => decodeUtf8(bytes, false)!,
  length: utf8Length,
};
const ucs2: Encoding = { name: "utf16le", encode: fromUtf16, decode: utf16, length: (text) => text.length * 2 };
const latin1: Encoding = { name: "latin1", encode: fromLatin1, decode: decodeLatin1, length: (text) => text.length };
const ascii: Encoding = {
  ...latin1,
  name: "ascii",
  decode: (bytes) => decodeLatin1(bytes.map((byte) => byte & 0x7f)),
};
const base64: Encoding = {
  name: "base64",
  encode: fromBase64,
  decode: (bytes) => bytes.toBase64(),
  length: base64Length,
};
const base64url: Encoding = {
  name: "base64url",
  encode: fromBase64,
  decode: (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
  length: base64Length,
};
const hex: Encoding = {
  name: "hex",
  encode: fromHex,
  decode: (bytes) => bytes.toHex(),
  length: (text) => text.length >>> 1,
};

const encodings: Record<string, Encoding | undefined> = {
  __proto__: null as never,
  utf8,
  "utf-8": utf8,
  ucs2,
  "ucs-2": ucs2,
  utf16le: ucs2,
  "utf-16le": ucs2,
  latin1,
  binary: latin1,
  ascii,
  base64,
  base64url,
  hex,
};

export function findEncoding(name: unknown): Encoding | undefined {
  if (name === undefined || name === "utf8") return utf8;
  return encodings[`${name as string}`.toLowerCase()];
}

export function encodingOf(name: unknown): Encoding {
  const encoding = name === null || name === "" ? utf8 : findEncoding(name);
  if (encoding === undefined) {
    throw nodeError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${String(name)}`);
  }
  return encoding;
}
