// atob and btoa.
// https://html.spec.whatwg.org/multipage/webappapis.html#atob
import { DOMException } from "./dom_exception.ts";
import { natives } from "./natives.ts";
import { badArgument } from "./webidl.ts";

const { base64Decode, base64Encode } = natives;

export function btoa(data: unknown): string {
  if (arguments.length === 0) throw badArgument("btoa", "ServiceWorkerGlobalScope", 1, "string");
  const encoded = base64Encode(`${data as string}`);
  if (encoded === undefined) {
    throw new DOMException(
      "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.",
      "InvalidCharacterError",
    );
  }
  return encoded;
}

export function atob(data: unknown): string {
  if (arguments.length === 0) throw badArgument("atob", "ServiceWorkerGlobalScope", 1, "string");
  const decoded = base64Decode(`${data as string}`);
  if (decoded === undefined) {
    throw new DOMException(
      "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric " +
        "ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are " +
        "allowed.)",
      "InvalidCharacterError",
    );
  }
  return decoded;
}
