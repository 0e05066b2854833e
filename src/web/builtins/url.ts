// URL. Parsing is native (ada); a URL keeps its href and where the parts begin and end in it.
// https://url.spec.whatwg.org/#url-class
import { natives } from "./natives.ts";
import { connectUrl, newLinkedParams, resetParams, type URLSearchParams } from "./url_search_params.ts";
import { badConstructorArgument, defineInterface } from "./webidl.ts";

const { urlParse, urlCanParse, urlParserVersion, urlSet } = natives;

/** Parts as url_natives.cc numbers them. */
const Part = {
  href: 0,
  protocol: 1,
  username: 2,
  password: 3,
  host: 4,
  hostname: 5,
  port: 6,
  pathname: 7,
  search: 8,
  hash: 9,
} as const;

const omitted = 4294967295;

/** Where natives write; made in the first call of an isolate's life. */
let components: Uint32Array | null = null;

const internal = Symbol();

export class URL {
  #href = "";
  // ada's url_components:
  // https://user:pass@example.com:1234/foo/bar?baz#quux
  //       |     |    |          | ^^^^|       |   |
  //       |     |    |          | |   |       |   `----- hash_start
  //       |     |    |          | |   |       `--------- search_start
  //       |     |    |          | |   `----------------- pathname_start
  //       |     |    |          | `--------------------- port
  //       |     |    |          `----------------------- host_end
  //       |     |    `---------------------------------- host_start
  //       |     `--------------------------------------- username_end
  //       `--------------------------------------------- protocol_end
  #protocolEnd = 0;
  #usernameEnd = 0;
  #hostStart = 0;
  #hostEnd = 0;
  #port = omitted;
  #pathnameStart = 0;
  #searchStart = omitted;
  #hashStart = omitted;
  #params: URLSearchParams | null = null;

  constructor(url: unknown, base: unknown = undefined) {
    if (url === internal) return;
    if (arguments.length === 0) throw badConstructorArgument("URL", 1, "USVString");
    const href = urlParse(
      `${url as string}`,
      base === undefined ? undefined : `${base as string}`,
      (components ??= new Uint32Array(8)),
    );
    if (href === undefined) throw new TypeError("Invalid URL string.");
    this.#update(href);
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    return urlCanParse(`${url as string}`, base === undefined ? undefined : `${base as string}`);
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    const href = urlParse(
      `${url as string}`,
      base === undefined ? undefined : `${base as string}`,
      (components ??= new Uint32Array(8)),
    );
    if (href === undefined) return null;
    const result = new URL(internal);
    result.#update(href);
    return result;
  }

  get href(): string {
    return this.#href;
  }
  set href(value: string) {
    const href = urlParse(`${value}`, undefined, (components ??= new Uint32Array(8)));
    if (href === undefined) {
      throw new TypeError(
        "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL " +
          "string'.",
      );
    }
    this.#update(href);
    this.#updateParams();
  }

  get origin(): string {
    const protocol = this.protocol;
    switch (protocol) {
      case "http:":
      case "https:":
      case "ws:":
      case "wss:":
      case "ftp:":
        return `${protocol}//${this.host}`;
      case "blob:": {
        const inner = URL.parse(this.pathname);
        if (inner !== null && (inner.protocol === "http:" || inner.protocol === "https:")) {
          return inner.origin;
        }
        return "null";
      }
    }
    return "null";
  }

  get protocol(): string {
    return this.#href.slice(0, this.#protocolEnd);
  }
  set protocol(value: string) {
    this.#set(Part.protocol, value);
  }

  get username(): string {
    const start = this.#protocolEnd + 2;
    return start < this.#usernameEnd ? this.#href.slice(start, this.#usernameEnd) : "";
  }
  set username(value: string) {
    this.#set(Part.username, value);
  }

  get password(): string {
    return this.#hostStart - this.#usernameEnd > 0
      ? this.#href.slice(this.#usernameEnd + 1, this.#hostStart)
      : "";
  }
  set password(value: string) {
    this.#set(Part.password, value);
  }

  get host(): string {
    let start = this.#hostStart;
    if (this.#href.charCodeAt(start) === 0x40 /* @ */) start++;
    // The port, when there is one, stands between host_end and pathname_start; "/." may, too.
    const end = this.#port === omitted ? this.#hostEnd : this.#pathnameStart;
    return this.#href.slice(start, end);
  }
  set host(value: string) {
    this.#set(Part.host, value);
  }

  get hostname(): string {
    let start = this.#hostStart;
    if (this.#href.charCodeAt(start) === 0x40 /* @ */) start++;
    return this.#href.slice(start, this.#hostEnd);
  }
  set hostname(value: string) {
    this.#set(Part.hostname, value);
  }

  get port(): string {
    return this.#port === omitted ? "" : `${this.#port}`;
  }
  set port(value: string) {
    this.#set(Part.port, value);
  }

  get pathname(): string {
    let end = this.#href.length;
    if (this.#searchStart !== omitted) end = this.#searchStart;
    else if (this.#hashStart !== omitted) end = this.#hashStart;
    return this.#href.slice(this.#pathnameStart, end);
  }
  set pathname(value: string) {
    this.#set(Part.pathname, value);
  }

  get search(): string {
    if (this.#searchStart === omitted) return "";
    const end = this.#hashStart === omitted ? this.#href.length : this.#hashStart;
    return end - this.#searchStart <= 1 ? "" : this.#href.slice(this.#searchStart, end);
  }
  set search(value: string) {
    this.#set(Part.search, value);
    this.#updateParams();
  }

  get searchParams(): URLSearchParams {
    return (this.#params ??= newLinkedParams(this, this.search));
  }

  get hash(): string {
    if (this.#hashStart === omitted || this.#href.length - this.#hashStart <= 1) return "";
    return this.#href.slice(this.#hashStart);
  }
  set hash(value: string) {
    this.#set(Part.hash, value);
  }

  toString(): string {
    return this.#href;
  }
  toJSON(): string {
    return this.#href;
  }

  #set(part: number, value: unknown): void {
    const href = urlSet(
      this.#href,
      part,
      `${value as string}`,
      (components ??= new Uint32Array(8)),
    );
    if (href !== undefined) this.#update(href);
  }

  #update(href: string): void {
    const at = components!;
    this.#href = href;
    this.#protocolEnd = at[0]!;
    this.#usernameEnd = at[1]!;
    this.#hostStart = at[2]!;
    this.#hostEnd = at[3]!;
    this.#port = at[4]!;
    this.#pathnameStart = at[5]!;
    this.#searchStart = at[6]!;
    this.#hashStart = at[7]!;
  }

  #updateParams(): void {
    if (this.#params !== null) resetParams(this.#params, this.search);
  }

  static {
    // Without updating the params, which are the source of the change.
    connectUrl((url, search) => (url as URL).#set(Part.search, search));
  }
}
defineInterface(URL, "URL");

/** The href of `input` as a URL against `base`; undefined when it is none. */
export function parseHref(input: string, base: string | undefined = undefined): string | undefined {
  return urlParse(input, base, (components ??= new Uint32Array(8)));
}

// While the snapshot is made: is the parser the one whose layout web/ada.h declares?
{
  const seen = new Uint32Array(8);
  const href = "https://user:pass@example.com:1234/foo/bar?baz#quux";
  const expected = "6,12,17,29,1234,34,42,46";
  if (urlParserVersion() !== 4 || urlParse(href, undefined, seen) !== href || `${seen}` !== expected) {
    throw new Error(`The host's URL parser is not the one of web/ada.h: ${urlParserVersion()}, ${seen}`);
  }
}
