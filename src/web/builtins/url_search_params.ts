// URLSearchParams and application/x-www-form-urlencoded.
// https://url.spec.whatwg.org/#interface-urlsearchparams
import { natives } from "./natives.ts";
import {
  badArgument,
  defineInterface,
  isObject,
  pairIterator,
  toUsvString,
} from "./webidl.ts";

const { decodeUtf8, encodeUtf8 } = natives;

export type Pair = [name: string, value: string];

/** A URLSearchParams that writes its changes to the query of `url`. */
export let newLinkedParams: (url: object, search: string) => URLSearchParams;
/** The URL's query was changed from outside. */
export let resetParams: (params: URLSearchParams, search: string) => void;
export let isUrlSearchParams: (value: unknown) => value is URLSearchParams;
let pairAt: (params: URLSearchParams, index: number) => Pair | undefined;

let writeSearch: (url: object, search: string) => void;
/** url.ts says how to set a URL's query. */
export function connectUrl(write: (url: object, search: string) => void): void {
  writeSearch = write;
}

export class URLSearchParams {
  #pairs: Pair[] = [];
  #url: object | null = null;

  constructor(init: unknown = "") {
    if (init === "") return;
    if (typeof init === "object" && init !== null && #pairs in init) {
      this.#pairs = init.#pairs.map(([name, value]) => [name, value]);
    } else if (isObject(init)) {
      const iterator = (init as Record<symbol, unknown>)[Symbol.iterator];
      if (iterator !== undefined && iterator !== null) {
        for (const pair of init as Iterable<unknown>) {
          if (!isObject(pair) && typeof pair !== "string") throw pairError();
          const items = [...(pair as Iterable<unknown>)];
          if (items.length !== 2) throw pairError();
          this.#pairs.push([toUsvString(items[0]), toUsvString(items[1])]);
        }
      } else {
        const seen = new Map<string, Pair>();
        for (const key of Reflect.ownKeys(init)) {
          const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
          if (descriptor === undefined || !descriptor.enumerable) continue;
          const name = toUsvString(key);
          const value = toUsvString((init as Record<PropertyKey, unknown>)[key]);
          const earlier = seen.get(name);
          if (earlier !== undefined) {
            earlier[1] = value;
          } else {
            const pair: Pair = [name, value];
            seen.set(name, pair);
            this.#pairs.push(pair);
          }
        }
      }
    } else {
      const text = toUsvString(init);
      this.#pairs = parseUrlEncoded(text.startsWith("?") ? text.slice(1) : text);
    }
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: string, value: string): void {
    if (arguments.length < 2) {
      throw badArgument("append", "URLSearchParams", arguments.length + 1, "USVString");
    }
    this.#pairs.push([toUsvString(name), toUsvString(value)]);
    this.#changed();
  }

  delete(name: string, value: string | undefined = undefined): void {
    if (arguments.length < 1) throw badArgument("delete", "URLSearchParams", 1, "USVString");
    name = toUsvString(name);
    if (value === undefined) {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== name);
    } else {
      value = toUsvString(value);
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== name || pair[1] !== value);
    }
    this.#changed();
  }

  get(name: string): string | null {
    if (arguments.length < 1) throw badArgument("get", "URLSearchParams", 1, "USVString");
    name = toUsvString(name);
    for (const pair of this.#pairs) if (pair[0] === name) return pair[1];
    return null;
  }

  getAll(name: string): string[] {
    if (arguments.length < 1) throw badArgument("getAll", "URLSearchParams", 1, "USVString");
    name = toUsvString(name);
    const values: string[] = [];
    for (const pair of this.#pairs) if (pair[0] === name) values.push(pair[1]);
    return values;
  }

  has(name: string, value: string | undefined = undefined): boolean {
    if (arguments.length < 1) throw badArgument("has", "URLSearchParams", 1, "USVString");
    name = toUsvString(name);
    const wanted = value === undefined ? undefined : toUsvString(value);
    for (const pair of this.#pairs) {
      if (pair[0] === name && (wanted === undefined || pair[1] === wanted)) return true;
    }
    return false;
  }

  set(name: string, value: string): void {
    if (arguments.length < 2) {
      throw badArgument("set", "URLSearchParams", arguments.length + 1, "USVString");
    }
    name = toUsvString(name);
    value = toUsvString(value);
    let found = false;
    const rest: Pair[] = [];
    for (const pair of this.#pairs) {
      if (pair[0] !== name) {
        rest.push(pair);
      } else if (!found) {
        found = true;
        rest.push([name, value]);
      }
    }
    if (!found) rest.push([name, value]);
    this.#pairs = rest;
    this.#changed();
  }

  sort(): void {
    // By UTF-16 code units, stable: what "<" and Array.prototype.sort do.
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#changed();
  }

  forEach(
    callback: (value: string, name: string, params: URLSearchParams) => void,
    thisArgument: unknown = undefined,
  ): void {
    if (typeof callback !== "function") {
      throw badArgument("forEach", "URLSearchParams", 1, "function");
    }
    for (let i = 0; i < this.#pairs.length; i++) {
      const pair = this.#pairs[i]!;
      callback.call(thisArgument, pair[1], pair[0], this);
    }
  }

  entries(): IterableIterator<Pair> {
    void this.#pairs;
    return iterate(this, "entries");
  }
  keys(): IterableIterator<string> {
    void this.#pairs;
    return iterate(this, "keys");
  }
  values(): IterableIterator<string> {
    void this.#pairs;
    return iterate(this, "values");
  }
  declare [Symbol.iterator]: () => IterableIterator<Pair>;

  toString(): string {
    return serializeUrlEncoded(this.#pairs);
  }

  #changed(): void {
    if (this.#url !== null) writeSearch(this.#url, serializeUrlEncoded(this.#pairs));
  }

  static {
    URLSearchParams.prototype[Symbol.iterator] = URLSearchParams.prototype.entries;
    Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { enumerable: false });

    isUrlSearchParams = (value): value is URLSearchParams =>
      typeof value === "object" && value !== null && #pairs in value;
    newLinkedParams = (url, search) => {
      const params = new URLSearchParams();
      params.#url = url;
      params.#pairs = parseUrlEncoded(search.slice(1));
      return params;
    };
    resetParams = (params, search) => {
      params.#pairs = parseUrlEncoded(search.slice(1));
    };
    pairAt = (params, index) => params.#pairs[index];
  }
}
defineInterface(URLSearchParams, "URLSearchParams");

const iterate = pairIterator<URLSearchParams>("URLSearchParams Iterator", (params, index) =>
  pairAt(params, index),
);

function pairError(): TypeError {
  return new TypeError("Invalid URL search params sequence.");
}

/** https://url.spec.whatwg.org/#concept-urlencoded-parser */
export function parseUrlEncoded(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf("&", start);
    if (end < 0) end = text.length;
    if (end > start) {
      let equals = text.indexOf("=", start);
      if (equals < 0 || equals > end) equals = end;
      pairs.push([decodeComponent(text, start, equals), decodeComponent(text, equals + 1, end)]);
    }
    start = end + 1;
  }
  return pairs;
}

function decodeComponent(text: string, start: number, end: number): string {
  if (start >= end) return "";
  const raw = text.slice(start, end);
  let escaped = false;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === 0x25 || code === 0x2b) {
      escaped = true;
      break;
    }
  }
  if (!escaped) return raw;
  const bytes = encodeUtf8(raw);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i]!;
    if (byte === 0x2b) {
      byte = 0x20;
    } else if (byte === 0x25 && i + 2 < bytes.length) {
      const high = hexDigit(bytes[i + 1]!);
      const low = hexDigit(bytes[i + 2]!);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[length++] = byte;
  }
  return decodeUtf8(bytes.subarray(0, length), false)!;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x41 + 10;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return -1;
}

/** https://url.spec.whatwg.org/#concept-urlencoded-serializer */
export function serializeUrlEncoded(pairs: readonly (readonly [string, string])[]): string {
  let text = "";
  for (const [name, value] of pairs) {
    if (text !== "") text += "&";
    text += `${encodeComponent(name)}=${encodeComponent(value)}`;
  }
  return text;
}

function isUnescaped(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2a || code === 0x2d || code === 0x2e || code === 0x5f
  );
}

const hex = "0123456789ABCDEF";

function encodeComponent(text: string): string {
  let plain = true;
  for (let i = 0; i < text.length; i++) {
    if (!isUnescaped(text.charCodeAt(i))) {
      plain = false;
      break;
    }
  }
  if (plain) return text;
  let result = "";
  for (const byte of encodeUtf8(text)) {
    if (isUnescaped(byte)) result += String.fromCharCode(byte);
    else if (byte === 0x20) result += "+";
    else result += `%${hex[byte >> 4]!}${hex[byte & 15]!}`;
  }
  return result;
}
