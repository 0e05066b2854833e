// multipart/form-data: written as browsers write it, read as they send it.
// https://datatracker.ietf.org/doc/html/rfc7578
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
import { blobBytes, File } from "./blob.ts";
import { FormData, formEntries } from "./form_data.ts";
import { natives } from "./natives.ts";

const { decodeUtf8, encodeUtf8, randomUuid } = natives;

export function newBoundary(): string {
  return `----formdata-${randomUuid().replaceAll("-", "")}`;
}

function escapeName(text: string): string {
  return text.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");
}

/** Line breaks of a text value become CRLF. */
function normalizeBreaks(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll("\n", "\r\n");
}

export function encodeMultipart(form: FormData, boundary: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let text = "";
  const flush = () => {
    if (text !== "") chunks.push(encodeUtf8(text));
    text = "";
  };
  for (const [name, value] of formEntries(form)) {
    const disposition = `form-data; name="${escapeName(normalizeBreaks(name))}"`;
    text += `--${boundary}\r\nContent-Disposition: ${disposition}`;
    if (typeof value === "string") {
      text += `\r\n\r\n${normalizeBreaks(value)}\r\n`;
    } else {
      text +=
        `; filename="${escapeName(value.name)}"\r\n` +
        `Content-Type: ${value.type || "application/octet-stream"}\r\n\r\n`;
      flush();
      chunks.push(blobBytes(value));
      text = "\r\n";
    }
  }
  text += `--${boundary}--\r\n`;
  flush();
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function malformed(what: string): TypeError {
  return new TypeError(`Malformed multipart/form-data: ${what}.`);
}

/** Index of `pattern` in `bytes` at or after `from`; -1 when absent. */
function indexOfBytes(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  const first = pattern[0]!;
  const last = bytes.length - pattern.length;
  for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i++;
    if (i === pattern.length) return at;
  }
  return -1;
}

export function parseMultipart(bytes: Uint8Array, boundary: string): FormData {
  const form = new FormData();
  const delimiter = encodeUtf8(`\r\n--${boundary}`);
  const opening = delimiter.subarray(2);
  // The first delimiter stands at the beginning, or after a preamble that nobody reads.
  let at: number;
  if (indexOfBytes(bytes.subarray(0, opening.length), opening, 0) === 0) {
    at = opening.length;
  } else {
    const found = indexOfBytes(bytes, delimiter, 0);
    if (found < 0) {
      throw new TypeError("No initial boundary string (or you have a truncated message).");
    }
    at = found + delimiter.length;
  }
  for (;;) {
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return form; // "--": the end
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw malformed("no line break after a boundary");
    at += 2;
    let name: string | undefined;
    let filename: string | undefined;
    let type: string | undefined;
    for (;;) {
      const end = lineEnd(bytes, at);
      if (end < 0) throw malformed("the header of a part does not end");
      if (end === at) {
        at += 2;
        break;
      }
      const line = decodeUtf8(bytes.subarray(at, end), false)!;
      at = end + 2;
      const colon = line.indexOf(":");
      if (colon < 0) throw malformed(`no colon in the header line "${line}"`);
      const field = line.slice(0, colon).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (field === "content-disposition") {
        const parsed = parseParameters(value);
        if (parsed.type.toLowerCase() !== "form-data") {
          throw malformed(`Content-Disposition "${value}" is not form-data`);
        }
        name = unescapeName(parsed.parameters.get("name"));
        filename = unescapeName(parsed.parameters.get("filename"));
      } else if (field === "content-type") {
        type = value;
      }
    }
    if (name === undefined) throw malformed("a part has no name");
    // From two bytes before: the line break of a delimiter after an empty body may be the one that
    // ended the header.
    const end = indexOfBytes(bytes, delimiter, at - 2);
    if (end < 0) throw malformed("the last part does not end");
    const content = bytes.subarray(at, Math.max(at, end));
    if (filename === undefined) form.append(name, decodeUtf8(content, false)!);
    else form.append(name, new File([content], filename, { type: type ?? "text/plain" }));
    at = end + delimiter.length;
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x0d, from); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at;
  }
  return -1;
}

function unescapeName(name: string | undefined): string | undefined {
  return name?.replaceAll("%0A", "\n").replaceAll("%0D", "\r").replaceAll("%22", '"');
}

/** "type; name=value; name="quoted"", as in Content-Type and Content-Disposition. */
export function parseParameters(text: string): { type: string; parameters: Map<string, string> } {
  const parameters = new Map<string, string>();
  let at = text.indexOf(";");
  const type = (at < 0 ? text : text.slice(0, at)).trim();
  while (at >= 0 && at < text.length) {
    at++; // the semicolon
    const equals = text.indexOf("=", at);
    if (equals < 0) break;
    const name = text.slice(at, equals).trim().toLowerCase();
    let value = "";
    at = equals + 1;
    if (text[at] === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) {
        // Browsers escape a quote as %22; others with a backslash.
        if (text[at] === "\\" && text[at + 1] === '"') at++;
        value += text[at]!;
      }
      at = text.indexOf(";", at);
    } else {
      const end = text.indexOf(";", at);
      value = (end < 0 ? text.slice(at) : text.slice(at, end)).trim();
      at = end;
    }
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return { type, parameters };
}
