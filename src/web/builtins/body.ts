// Body: what Request and Response have in common. A body keeps the simplest thing that it can be
// made of; a stream exists once somebody asks for it.
// https://fetch.spec.whatwg.org/#body-mixin
import type { Blob } from "./blob.ts";
import type { FormData } from "./form_data.ts";
import { forms, isBlob, isFormData, isReadableStream, streams } from "./groups.ts";
import { type Headers, headersToBlock, scanBlock } from "./headers.ts";
import { natives } from "./natives.ts";
import type { ReadableStream } from "./streams.ts";
import { isUrlSearchParams, parseUrlEncoded } from "./url_search_params.ts";
import { bytesOfSource, defineInterface, illegalConstructor, illegalInvocation } from "./webidl.ts";

const { bodyBytes, bodyText, decodeUtf8, encodeUtf8 } = natives;

/** null: no body. A string: text still to be encoded. A number: a body on the native side. */
export type BodySource = null | string | Uint8Array | BodyId | ReadableStream;

/** What every message has; RequestState and ResponseState begin with it. */
export interface BodyState {
  source: BodySource;
  /** Taken or read, other than through a stream. */
  used: boolean;
  /** Header block; out of date as soon as there is a Headers object. */
  block: string;
  headers: Headers | null;
}

let requestState: (value: object) => BodyState | undefined;
let responseState: (value: object) => BodyState | undefined;
/** request.ts and response.ts say how to get at their state. */
export function connectRequest(get: (value: object) => BodyState | undefined): void {
  requestState = get;
}
export function connectResponse(get: (value: object) => BodyState | undefined): void {
  responseState = get;
}

function stateOf(message: object): BodyState {
  const state = responseState(message) ?? requestState(message);
  if (state === undefined) throw illegalInvocation();
  return state;
}

export const usedMessage =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it " +
  "twice.";
const lockedMessage = "This ReadableStream is currently locked to a reader.";

/** Set by extractBody(): the Content-Type that belongs to the body, or "". */
export let extractedType = "";

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(body: unknown): BodySource {
  if (typeof body === "string") {
    extractedType = "text/plain;charset=UTF-8";
    return body;
  }
  extractedType = "";
  if (body === null || body === undefined) return null;
  if (typeof body === "object") {
    if (isReadableStream(body)) return body;
    const bytes = bytesOfSource(body);
    if (bytes !== undefined) return bytes.slice();
    if (isBlob(body)) {
      extractedType = body.type;
      return forms.load().blobBytes(body);
    }
    if (isUrlSearchParams(body)) {
      extractedType = "application/x-www-form-urlencoded;charset=UTF-8";
      return body.toString();
    }
    if (isFormData(body)) {
      const { encodeMultipart, newBoundary } = forms.load();
      const boundary = newBoundary();
      extractedType = `multipart/form-data; boundary=${boundary}`;
      return encodeMultipart(body, boundary);
    }
  }
  extractedType = "text/plain;charset=UTF-8";
  return `${body as string}`;
}

export function isBodyUsed(state: BodyState): boolean {
  const { source } = state;
  if (state.used) return true;
  return typeof source === "object" && isReadableStream(source) && streams.load().isDisturbed(source);
}

function checkUntouched(stream: ReadableStream): void {
  const { isDisturbed, isLocked } = streams.load();
  if (isDisturbed(stream)) throw new TypeError(usedMessage);
  if (isLocked(stream)) throw new TypeError(lockedMessage);
}

/**
 * The body, to be read or sent once: an untouched stream gives way to what it was made over. A
 * TypeError when it was used before.
 */
export function takeSource(state: BodyState): BodySource {
  const { source } = state;
  if (source === null) return null;
  if (state.used) throw new TypeError(usedMessage);
  if (typeof source === "object" && isReadableStream(source)) {
    const { consume, originOf } = streams.load();
    checkUntouched(source);
    const origin = originOf(source);
    if (origin !== undefined) {
      consume(source);
      return origin;
    }
    return source;
  }
  state.used = true;
  return source;
}

/** For sending: marks the body of a Request or Response used. */
export function takeBody(message: object): BodySource {
  return takeSource(stateOf(message));
}

/** Puts what `make` gives in the place of a body that is a stream of the script's own. */
export function replaceStream(
  message: object,
  make: (stream: ReadableStream) => ReadableStream,
): void {
  const state = stateOf(message);
  const { source } = state;
  if (source === null || typeof source !== "object" || state.used) return;
  if (!isReadableStream(source)) return;
  const { isDisturbed, isLocked, originOf } = streams.load();
  if (isDisturbed(source) || isLocked(source) || originOf(source) !== undefined) return;
  state.source = make(source);
}

/** Two sources of the same bytes; the first replaces the one in `state`. */
export function cloneSource(state: BodyState): BodySource {
  let { source } = state;
  if (source === null) return null;
  if (state.used) throw new TypeError(usedMessage);
  if (typeof source === "string") return source;
  if (typeof source === "object" && isReadableStream(source)) {
    checkUntouched(source);
    const origin = streams.load().originOf(source);
    if (typeof origin === "object") return origin;
  } else if (typeof source === "number") {
    source = streams.load().streamOfNative(source);
  } else {
    return source;
  }
  const [mine, other] = source.tee();
  state.source = mine;
  return other;
}

export class Body {
  constructor() {
    throw illegalConstructor();
  }

  get body(): ReadableStream | null {
    const state = stateOf(this);
    const { source } = state;
    if (source === null) return null;
    if (typeof source === "object" && isReadableStream(source)) return source;
    const { consume, streamOfBytes, streamOfNative } = streams.load();
    const stream =
      typeof source === "number"
        ? streamOfNative(source)
        : streamOfBytes(typeof source === "string" ? encodeUtf8(source) : source);
    if (state.used) consume(stream);
    state.source = stream;
    return stream;
  }

  get bodyUsed(): boolean {
    return isBodyUsed(stateOf(this));
  }

  text(): Promise<string> {
    try {
      return asPromise(readText(stateOf(this)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  json(): Promise<unknown> {
    try {
      const text = readText(stateOf(this));
      if (typeof text === "string") return Promise.resolve(JSON.parse(text));
      return text.then(JSON.parse);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    try {
      const bytes = readBytes(stateOf(this));
      if (bytes instanceof Promise) return bytes.then(exactBuffer);
      return Promise.resolve(exactBuffer(bytes));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  bytes(): Promise<Uint8Array> {
    try {
      return asPromise(readBytes(stateOf(this)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async blob(): Promise<Blob> {
    const state = stateOf(this);
    const type = contentType(state) ?? "";
    return forms.load().blobOf(await readBytes(state), type);
  }

  async formData(): Promise<FormData> {
    const state = stateOf(this);
    const { FormData, parseMultipart, parseParameters } = forms.load();
    if (isBodyUsed(state)) throw new TypeError(usedMessage);
    const given = contentType(state);
    if (given === null) {
      throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
    }
    const { type, parameters } = parseParameters(given);
    switch (type.toLowerCase()) {
      case "multipart/form-data": {
        const boundary = parameters.get("boundary");
        if (boundary === undefined || boundary === "") {
          throw new TypeError(
            "No boundary string in Content-Type header. The multipart/form-data MIME type requires " +
              "a boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. " +
              "See RFC 7578, section 4.",
          );
        }
        return parseMultipart(await readBytes(state), boundary);
      }
      case "application/x-www-form-urlencoded": {
        const form = new FormData();
        for (const [name, value] of parseUrlEncoded(await readText(state))) form.append(name, value);
        return form;
      }
    }
    throw new TypeError(
      "Unrecognized Content-Type header value. FormData can only parse the following MIME types: " +
        "multipart/form-data, application/x-www-form-urlencoded",
    );
  }
}
defineInterface(Body, "Body");

function asPromise<T>(value: Eventually<T>): Promise<T> {
  return value instanceof Promise ? value : Promise.resolve(value);
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  if (bytes.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) return buffer;
  return bytes.slice().buffer as ArrayBuffer;
}

function contentType(state: BodyState): string | null {
  const block = state.headers === null ? state.block : headersToBlock(state.headers);
  return scanBlock(block, "content-type");
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function readText(state: BodyState): Eventually<string> {
  const source = takeSource(state);
  if (source === null) return "";
  if (typeof source === "string") return withoutBom(source.toWellFormed());
  if (typeof source === "number") return bodyText(source);
  if (source instanceof Uint8Array) return withoutBom(decodeUtf8(source, false)!);
  return streams.load().readAllBytes(source).then((bytes) => withoutBom(decodeUtf8(bytes, false)!));
}

/** In a buffer that the caller may keep. */
function readBytes(state: BodyState): Eventually<Uint8Array> {
  const source = takeSource(state);
  if (source === null) return new Uint8Array(0);
  if (typeof source === "string") return encodeUtf8(source);
  if (typeof source === "number") return bodyBytes(source);
  if (source instanceof Uint8Array) return source.slice();
  return streams.load().readAllBytes(source);
}
