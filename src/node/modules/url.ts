// unenv's port of Node's own code for the old interface, whose functions would warn of themselves at each
// start; URL is the platform's.
import { format as formatUrl, Url } from "unenv/node/url";

const { URL: PlatformURL, URLSearchParams: PlatformSearchParams } = globalThis;

export function parse(url: any, parseQuery?: boolean, slashesDenoteHost?: boolean): any {
  if (url instanceof Url) return url;
  const parsed = new Url();
  parsed.parse(url, parseQuery, slashesDenoteHost);
  return parsed;
}

export function format(url: any, options?: object): string {
  return typeof url === "string" ? parse(url).format() : formatUrl(url, options);
}

export function resolve(from: string, to: string): string {
  return parse(from, false, true).resolveObject(parse(to, false, true)).format();
}

export function resolveObject(from: string, to: unknown): any {
  return from ? parse(from, false, true).resolveObject(to) : to;
}

/** The host as a URL has it; "" when it is none. */
export function domainToASCII(domain: unknown): string {
  return PlatformURL.parse(`ws://${domain as string}`)?.hostname ?? "";
}

export { domainToUnicode, fileURLToPath, pathToFileURL, urlToHttpOptions } from "unenv/node/url";
export { PlatformSearchParams as URLSearchParams, PlatformURL as URL, Url };
