// Headers, and the header block: "name: value\r\n" lines, one character per byte, the form in which
// headers come from and go to the wire. A block is not parsed before somebody asks for more than a
// few single fields, and none is made from a Headers object that nobody touched.
//
// Values are UTF-8 on the wire, as workerd has it; in a script they are ordinary strings.
// https://fetch.spec.whatwg.org/#headers-class
import { natives } from "./natives.ts";
import { badArgument, defineInterface, isObject, pairIterator } from "./webidl.ts";

const { decodeUtf8, encodeUtf8, encodeLatin1, decodeLatin1 } = natives;

export type HeadersInit =
  | Headers
  | Record<string, string>
  | Iterable<Iterable<string>>
  | null
  | undefined;

/** Names in any case to their lower-case form. Begins with the usual ones; grows to a bound. */
const knownNames = new Map<string, string>();
const maxKnownNames = 500;
for (const name of [
  "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges",
  "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
  "Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
  "Access-Control-Max-Age", "Access-Control-Request-Headers", "Access-Control-Request-Method",
  "Age", "Allow", "Authorization", "Cache-Control", "CF-Connecting-IP", "CF-IPCountry", "CF-Ray",
  "CF-Visitor", "Connection", "Content-Disposition", "Content-Encoding", "Content-Language",
  "Content-Length", "Content-Location", "Content-Range", "Content-Security-Policy", "Content-Type",
  "Cookie", "Date", "ETag", "Expect", "Expires", "Host", "If-Match", "If-Modified-Since",
  "If-None-Match", "If-Range", "If-Unmodified-Since", "Last-Modified", "Link", "Location", "Origin",
  "Pragma", "Range", "Referer", "Referrer-Policy", "Retry-After", "Sec-WebSocket-Accept",
  "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Version", "Server", "Server-Timing", "Set-Cookie", "Strict-Transport-Security",
  "Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Vary", "Via",
  "WWW-Authenticate", "X-Content-Type-Options", "X-Forwarded-For", "X-Forwarded-Host",
  "X-Forwarded-Proto", "X-Frame-Options", "X-Real-IP", "X-Request-ID", "X-Requested-With",
]) {
  knownNames.set(name, name.toLowerCase());
  knownNames.set(name.toLowerCase(), name.toLowerCase());
}

/** RFC 9110, section 5.6.2: which of the first 128 characters may stand in a token. */
const tokenCharacters: boolean[] = [];
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  tokenCharacters.push(
    (character >= "0" && character <= "9") ||
      (character >= "A" && character <= "Z") ||
      (character >= "a" && character <= "z") ||
      "!#$%&'*+-.^_`|~".includes(character),
  );
}

export function isToken(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) {
    if (tokenCharacters[text.charCodeAt(i)] !== true) return false;
  }
  return true;
}

/** The lower-case form of a header name; a TypeError for what is none. */
function lowerName(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  if (!isToken(name)) throw new TypeError("Invalid header name.");
  const lower = name.toLowerCase();
  if (knownNames.size < maxKnownNames && name.length <= 64) knownNames.set(name, lower);
  return lower;
}

function isHttpSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** Normalised: without white space around. A TypeError for what cannot be on the wire. */
function checkValue(value: unknown): string {
  let text = typeof value === "string" ? value : `${value as string}`;
  const length = text.length;
  if (length === 0) return text;
  if (isHttpSpace(text.charCodeAt(0)) || isHttpSpace(text.charCodeAt(length - 1))) {
    let start = 0;
    let end = length;
    while (start < end && isHttpSpace(text.charCodeAt(start))) start++;
    while (end > start && isHttpSpace(text.charCodeAt(end - 1))) end--;
    text = text.slice(start, end);
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x0d && (code === 0x0d || code === 0x0a || code === 0)) {
      throw new TypeError("Invalid header value.");
    }
  }
  return text;
}

/** A value as bytes on the wire. */
function toWire(value: string): string {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 0x7f) return decodeLatin1(encodeUtf8(value));
  }
  return value;
}

function fromWire(value: string): string {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 0x7f) return decodeUtf8(encodeLatin1(value)!, false)!;
  }
  return value;
}

/** The fields of one name: Set-Cookie several times, others joined. */
interface Field {
  /** As first given; what goes to the wire. */
  name: string;
  lower: string;
  /** null when there are several, in `values`. */
  value: string;
  /** Only of Set-Cookie. */
  values: string[] | null;
}

export type HeadersGuard = "none" | "immutable";

/** How many single look-ups scan the raw block before it is parsed. */
const scansBeforeParsing = 4;

/** The block of a Headers object, parsed or not. */
export let headersToBlock: (headers: Headers) => string;
/** A Headers object over a block that is known to be valid. */
export let headersFromBlock: (block: string, guard: HeadersGuard) => Headers;
export let isHeaders: (value: unknown) => value is Headers;
let entryOf: (headers: Headers, index: number) => readonly [string, string] | undefined;

export class Headers {
  /** Not yet parsed; null once it is. */
  #block: string | null = null;
  #fields: Field[] | null = null;
  /** Sorted entries, for iteration; null after each change. */
  #sorted: [string, string][] | null = null;
  #immutable = false;
  #scans = 0;

  constructor(init: HeadersInit = undefined) {
    if (init === undefined) return;
    if (typeof init !== "object" || init === null) {
      throw new TypeError(
        "Failed to construct 'Headers': constructor parameter 1 is not of type " +
          "'Headers or Sequence or object'.",
      );
    }
    if (#block in init) {
      this.#block = headersToBlock(init);
      return;
    }
    this.#fields = [];
    forEachField(init, (name, value) => this.#append(name, value));
  }

  get(name: string): string | null {
    if (arguments.length === 0) throw badArgument("get", "Headers", 1, "string");
    const lower = lowerName(`${name}`);
    const block = this.#block;
    if (block !== null && this.#scans < scansBeforeParsing && lower !== "set-cookie") {
      this.#scans++;
      return scanBlock(block, lower);
    }
    const field = this.#find(lower);
    if (field === undefined) return null;
    return field.values === null ? field.value : field.values.join(", ");
  }

  /** Only for Set-Cookie, a Workers extension that is older than getSetCookie(). */
  getAll(name: string): string[] {
    if (lowerName(`${name}`) !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.getSetCookie();
  }

  getSetCookie(): string[] {
    return this.#find("set-cookie")?.values?.slice() ?? [];
  }

  has(name: string): boolean {
    if (arguments.length === 0) throw badArgument("has", "Headers", 1, "string");
    const lower = lowerName(`${name}`);
    if (this.#block !== null && this.#scans < scansBeforeParsing) {
      this.#scans++;
      return scanBlock(this.#block, lower) !== null;
    }
    return this.#find(lower) !== undefined;
  }

  set(name: string, value: string): void {
    if (arguments.length < 2) {
      throw badArgument("set", "Headers", arguments.length + 1, "string");
    }
    name = `${name}`;
    const lower = lowerName(name);
    const checked = checkValue(value);
    this.#change();
    const field = this.#find(lower);
    if (field === undefined) {
      this.#fields!.push(makeField(name, lower, checked));
    } else if (field.values !== null) {
      field.values = [checked];
    } else {
      field.value = checked;
    }
  }

  append(name: string, value: string): void {
    if (arguments.length < 2) {
      throw badArgument("append", "Headers", arguments.length + 1, "string");
    }
    this.#change();
    this.#append(`${name}`, value);
  }

  delete(name: string): void {
    if (arguments.length === 0) throw badArgument("delete", "Headers", 1, "string");
    const lower = lowerName(`${name}`);
    this.#change();
    const fields = this.#fields!;
    const index = fields.findIndex((field) => field.lower === lower);
    if (index >= 0) fields.splice(index, 1);
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    thisArgument: unknown = undefined,
  ): void {
    if (typeof callback !== "function") throw badArgument("forEach", "Headers", 1, "function");
    for (let i = 0; ; i++) {
      const entry = entryOf(this, i);
      if (entry === undefined) return;
      callback.call(thisArgument, entry[1], entry[0], this);
    }
  }

  entries(): IterableIterator<[string, string]> {
    void this.#immutable;
    return iterate(this, "entries");
  }
  keys(): IterableIterator<string> {
    void this.#immutable;
    return iterate(this, "keys");
  }
  values(): IterableIterator<string> {
    void this.#immutable;
    return iterate(this, "values");
  }
  declare [Symbol.iterator]: () => IterableIterator<[string, string]>;

  #change(): void {
    if (this.#immutable) throw new TypeError("Can't modify immutable headers.");
    if (this.#fields === null) this.#parse();
    this.#block = null;
    this.#sorted = null;
  }

  #append(name: string, value: unknown): void {
    const lower = lowerName(name);
    const checked = checkValue(value);
    const field = this.#find(lower);
    if (field === undefined) {
      this.#fields!.push(makeField(name, lower, checked));
    } else if (field.values !== null) {
      field.values.push(checked);
    } else {
      field.value = `${field.value}, ${checked}`;
    }
  }

  #find(lower: string): Field | undefined {
    if (this.#fields === null) this.#parse();
    const fields = this.#fields!;
    for (let i = 0; i < fields.length; i++) {
      if (fields[i]!.lower === lower) return fields[i];
    }
    return undefined;
  }

  #parse(): void {
    this.#fields = [];
    const block = this.#block;
    if (block === null) return;
    for (let start = 0; start < block.length; ) {
      const end = block.indexOf("\r\n", start);
      const colon = block.indexOf(":", start);
      this.#append(block.slice(start, colon), fromWire(block.slice(colon + 1, end)));
      start = end + 2;
    }
    // Kept: as long as nothing is changed it is what goes to the wire.
  }

  static {
    Headers.prototype[Symbol.iterator] = Headers.prototype.entries;
    Object.defineProperty(Headers.prototype, Symbol.iterator, { enumerable: false });

    isHeaders = (value): value is Headers =>
      typeof value === "object" && value !== null && #block in value;
    headersFromBlock = (block, guard) => {
      const headers = new Headers();
      headers.#block = block;
      headers.#immutable = guard === "immutable";
      return headers;
    };
    headersToBlock = (headers) => {
      if (headers.#block !== null) return headers.#block;
      let block = "";
      for (const field of headers.#fields ?? []) {
        if (field.values === null) {
          block += `${field.name}: ${toWire(field.value)}\r\n`;
        } else {
          for (const value of field.values) block += `${field.name}: ${toWire(value)}\r\n`;
        }
      }
      return block;
    };
    entryOf = (headers, index) => {
      if (headers.#sorted === null) {
        if (headers.#fields === null) headers.#parse();
        const sorted: [string, string][] = [];
        for (const field of headers.#fields!) {
          if (field.values === null) sorted.push([field.lower, field.value]);
          else for (const value of field.values) sorted.push([field.lower, value]);
        }
        sorted.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
        headers.#sorted = sorted;
      }
      return headers.#sorted[index];
    };
  }
}
defineInterface(Headers, "Headers");

const iterate = pairIterator<Headers>("Headers Iterator", (headers, index) =>
  entryOf(headers, index),
);

function makeField(name: string, lower: string, value: string): Field {
  return lower === "set-cookie"
    ? { name, lower, value: "", values: [value] }
    : { name, lower, value, values: null };
}

/** A block's value for one name, joined when it is there several times; null when absent. */
export function scanBlock(block: string, lower: string): string | null {
  let found: string | null = null;
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf("\r\n", start);
    const colon = start + lower.length;
    if (block.charCodeAt(colon) === 0x3a && matchesName(block, start, lower)) {
      const value = fromWire(checkValue(block.slice(colon + 1, end)));
      found = found === null ? value : `${found}, ${value}`;
    }
    start = end + 2;
  }
  return found;
}

/** Does the lower-case `lower` stand at `start` in any case? */
function matchesName(block: string, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    let code = block.charCodeAt(start + i);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** The pairs of a HeadersInit that is not a Headers object, converted as Web IDL says. */
function forEachField(init: object, visit: (name: string, value: unknown) => void): void {
  const iterator = (init as Record<symbol, unknown>)[Symbol.iterator];
  if (iterator === undefined || iterator === null) {
    for (const key of Reflect.ownKeys(init)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
      if (descriptor === undefined || !descriptor.enumerable) continue;
      if (typeof key === "symbol") throw new TypeError("Invalid header name.");
      visit(key, (init as Record<string, unknown>)[key]);
    }
    return;
  }
  for (const pair of init as Iterable<unknown>) {
    if (!isObject(pair) || typeof (pair as Record<symbol, unknown>)[Symbol.iterator] !== "function") {
      throw pairError();
    }
    const items = [...(pair as unknown as Iterable<unknown>)];
    if (items.length !== 2) throw pairError();
    visit(`${items[0] as string}`, items[1]);
  }
}

function pairError(): TypeError {
  return new TypeError(
    "To initialize a Headers object from a sequence, each inner sequence must have exactly two " +
      "elements.",
  );
}

/** Set by flattenHeaders(): did the last block have a Content-Type? */
export let flattenedContentType = false;

/**
 * The block of a HeadersInit, without a Headers object in between: what a Response needs that
 * nobody asks for its headers. Names that differ in case only give two lines.
 */
export function flattenHeaders(init: HeadersInit): string {
  flattenedContentType = false;
  if (init === undefined || init === null) return "";
  if (isHeaders(init)) {
    const block = headersToBlock(init);
    flattenedContentType = scanBlock(block, "content-type") !== null;
    return block;
  }
  const prototype = Object.getPrototypeOf(init) as unknown;
  if (prototype !== Object.prototype || Symbol.iterator in init) {
    return flattenHeaders(new Headers(init));
  }
  let block = "";
  // A plain object: its own enumerable keys. (A key of the prototype, put there by a script, is
  // refused by hasOwn.)
  for (const key in init) {
    if (!Object.hasOwn(init, key)) continue;
    const lower = lowerName(key);
    if (lower === "content-type") flattenedContentType = true;
    block += `${key}: ${toWire(checkValue((init as Record<string, unknown>)[key]))}\r\n`;
  }
  return block;
}
