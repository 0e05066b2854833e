// Values on their way through RPC. V8 clones what the structured clone algorithm knows; in the place
// of everything else that can travel (functions, targets, stubs, streams, errors, ...) it is given
// objects of our own, each with plain content from which the receiver makes the real thing.
//
// What has effects (a stub's export, the locking of a stream) does not happen while a value is
// packed, but when it is sent: the content names an attachment by its number.
import {
  DOMException,
  forms,
  headersFromBlock,
  headersToBlock,
  isAbortSignal,
  isBlob,
  isFile,
  isHeaders,
  isReadableStream,
  isRequest,
  isResponse,
  platformPrototypes,
  streams,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { encodeError, decodeError } from "./rpc_errors.ts";
import { requestContent, requestOf, responseContent, responseOf } from "./rpc_messages.ts";
import { isPipelined, isRpcTarget, makeStub, type Capability, stubCapability } from "./rpc_stubs.ts";
import { objects } from "./groups.ts";
import { fetcherOf, fetcherParts } from "./service.ts";

const { builtinKind, proxyDetails, rpcDeserialize, rpcSerialize } = natives;

/** What a packed value brings along besides bytes. */
export type Attachment =
  /** An object of ours that the receiver gets a stub of; `plain`: own properties may be reached. */
  | { kind: "target"; object: object; plain: boolean }
  | { kind: "stub"; stub: object; capability: Capability }
  | { kind: "readable"; stream: ReadableStream }
  | { kind: "body"; source: Uint8Array | BodyId }
  | { kind: "writable"; stream: WritableStream };

export interface Packed {
  bytes: ArrayBuffer;
  attachments: Attachment[];
}

/** Stands for a value that V8 cannot clone. */
class Special {
  constructor(public content: unknown[] = []) {}
}

/** Kinds of built-in objects that V8 clones, or refuses, by itself. */
const leaves = new Set([
  "ArrayBuffer", "Arguments", "DataView", "Date", "Generator", "MapIterator", "Module", "Primitive",
  "Promise", "RegExp", "SetIterator", "SharedArrayBuffer", "TypedArray", "WeakMap", "WeakRef",
  "WeakSet",
]);

function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}

function unserializable(type: string): DOMException {
  return dataCloneError(
    `Could not serialize object of type "${type}". This type does not support serialization.`,
  );
}

const badProxy =
  "Proxy could not be serialized because it is not a valid RPC receiver type. The " +
  "Proxy must emulate either a plain object or an RpcTarget, as indicated by the " +
  "Proxy's prototype chain.";

/** Whether own properties of `object` may be reached through a stub of it; undefined when it may
 * have no stub. */
export function stubKind(object: object): boolean | undefined {
  if (Object.getPrototypeOf(object) === Object.prototype) return true;
  if (isRpcTarget(object)) return false;
  if (typeof object === "function" && !isPipelined(object)) return true;
  return undefined;
}

/** Looks for what V8 cannot clone. `proxies`: for proxies as well. */
class Scan {
  readonly #seen = new Set<object>();
  constructor(readonly proxies: boolean) {}

  finds(value: unknown): boolean {
    if (typeof value === "function") return true;
    if (typeof value !== "object" || value === null) return false;
    if (this.#seen.has(value)) return false;
    this.#seen.add(value);
    if (this.proxies && proxyDetails(value) !== undefined) return true;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype && !this.proxies) {
      for (const inner of value as unknown[]) {
        if ((typeof inner === "object" || typeof inner === "function") && this.finds(inner)) return true;
      }
      return false;
    }
    if (prototype === Array.prototype || prototype === Object.prototype) {
      for (const key in value) {
        const inner = (value as Record<string, unknown>)[key];
        if ((typeof inner === "object" || typeof inner === "function") && this.finds(inner)) return true;
      }
      return false;
    }
    if (ArrayBuffer.isView(value)) return false;
    const kind = builtinKind(value);
    if (kind === "Array") return (value as unknown[]).some((inner) => this.finds(inner));
    if (kind === "Map") {
      for (const [key, inner] of value as Map<unknown, unknown>) {
        if (this.finds(key) || this.finds(inner)) return true;
      }
      return false;
    }
    if (kind === "Set") {
      for (const inner of value as Set<unknown>) if (this.finds(inner)) return true;
      return false;
    }
    return !leaves.has(kind);
  }
}

/** Copies a value, with Special objects where they are needed. */
class Copy {
  readonly attachments: Attachment[] = [];
  readonly #copies = new Map<object, unknown>();
  readonly #duplicate: boolean;

  /** `duplicate`: targets stay the sender's, if they can be duplicated (they have a dup method). */
  constructor(duplicate: boolean) {
    this.#duplicate = duplicate;
  }

  of = (value: unknown): unknown => {
    if (typeof value !== "function" && (typeof value !== "object" || value === null)) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (typeof value !== "function" && proxyDetails(value) === undefined) {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === Object.prototype) return this.#members(value, {});
      if (Array.isArray(value)) {
        const copy: unknown[] = [];
        copy.length = value.length;
        return this.#members(value, copy);
      }
      if (ArrayBuffer.isView(value)) return value;
      const kind = builtinKind(value);
      if (kind === "Map") {
        const copy = new Map<unknown, unknown>();
        this.#copies.set(value, copy);
        for (const [key, inner] of value as Map<unknown, unknown>) copy.set(this.of(key), this.of(inner));
        return copy;
      }
      if (kind === "Set") {
        const copy = new Set<unknown>();
        this.#copies.set(value, copy);
        for (const inner of value as Set<unknown>) copy.add(this.of(inner));
        return copy;
      }
      if (leaves.has(kind)) return value;
    }
    const special = new Special();
    this.#copies.set(value, special);
    const content = this.#content(value);
    if (content === undefined) {
      // The bundler may have renamed our own classes.
      if (platformPrototypes.has(Object.getPrototypeOf(value) as object)) {
        throw unserializable(String((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]));
      }
      this.#copies.set(value, value);
      return value; // V8's serializer refuses it, with its name
    }
    special.content = content;
    return special;
  };

  #members(from: object, copy: object): object {
    this.#copies.set(from, copy);
    for (const key of Object.keys(from)) {
      const value = this.of((from as Record<string, unknown>)[key]);
      if (key === "__proto__") {
        Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
      } else {
        (copy as Record<string, unknown>)[key] = value;
      }
    }
    return copy;
  }

  #attach(attachment: Attachment): number {
    return this.attachments.push(attachment) - 1;
  }

  #content(value: object): unknown[] | undefined {
    const capability = stubCapability(value);
    if (capability !== undefined) {
      return ["stub", this.#attach({ kind: "stub", stub: value, capability })];
    }
    if (isPipelined(value)) throw unserializable(isPipelined(value)!);
    if (typeof value === "function" || isRpcTarget(value) || proxyDetails(value) !== undefined) {
      return ["stub", this.#attach(this.#target(value))];
    }
    if (builtinKind(value) === "Error") return ["error", ...encodeError(value as Error, this.of)];
    if (value instanceof DOMException) return ["exception", value.name, value.message, value.stack];
    if (isHeaders(value)) return ["headers", headersToBlock(value)];
    if (isReadableStream(value)) {
      if (value.locked) throw new TypeError("The ReadableStream has been locked to a reader.");
      return ["readable", this.#attach({ kind: "readable", stream: value })];
    }
    if (streams.loaded?.isWritableStream(value)) {
      if (value.locked) throw new TypeError("This WritableStream is currently locked to a writer.");
      return ["writable", this.#attach({ kind: "writable", stream: value })];
    }
    if (isResponse(value)) return ["response", this.of(responseContent(value, this.#body))];
    if (isRequest(value)) return ["request", this.of(requestContent(value, this.#body))];
    if (isFile(value)) {
      const bytes = forms.load().blobBytes(value).slice();
      return ["file", bytes, value.type, value.name, value.lastModified];
    }
    if (isBlob(value)) return ["blob", forms.load().blobBytes(value).slice(), value.type];
    if (isAbortSignal(value)) throw dataCloneError("AbortSignal serialization is not enabled.");
    const service = fetcherParts(value);
    if (service !== undefined) return ["service", ...service];
    const object = objects.loaded?.objectStubParts(value);
    if (object !== undefined) return ["object", ...object];
    return undefined;
  }

  /** A body that no script has read is sent as it is. */
  readonly #body = (source: Uint8Array | BodyId): Special =>
    new Special(["readable", this.#attach({ kind: "body", source })]);

  #target(value: object): Attachment {
    const plain = stubKind(value);
    if (plain === undefined) throw dataCloneError(badProxy);
    if (!this.#duplicate) return { kind: "target", object: value, plain };
    const { dup } = value as { dup?: unknown };
    if (typeof dup !== "function") return { kind: "target", object: value, plain };
    const copy: unknown = Reflect.apply(dup, value, []);
    const isProxy = proxyDetails(value) !== undefined;
    const fits =
      (typeof copy === "object" || typeof copy === "function") &&
      copy !== null &&
      (isProxy ? stubKind(copy) === plain : plain ? typeof copy === "function" : isRpcTarget(copy));
    if (fits) return { kind: "target", object: copy, plain };
    const what = isProxy ? "Proxy" : plain ? "function" : "RcpTarget";
    const result = isProxy
      ? "the same underlying type (RpcTarget or Function) as the Proxy itself represents"
      : plain ? "another function" : "another RpcTarget";
    const remedy = plain && !isProxy ? "a function" : "an RpcTarget";
    throw dataCloneError(
      `Couldn't create a stub for the ${what} because it has a dup() method which did not ` +
        `return ${result}. Either remove the dup() method or make sure it returns ${remedy}.`,
    );
  }
}

/** `duplicate`: the sender keeps the stubs and targets in `value`; else they are given away. */
export function pack(value: unknown, duplicate: boolean): Packed {
  let refusal: unknown;
  for (const proxies of [false, true]) {
    if (new Scan(proxies).finds(value)) {
      const copy = new Copy(duplicate);
      const packed = copy.of(value);
      return { bytes: rpcSerialize(packed, hooks), attachments: copy.attachments };
    }
    if (proxies) break;
    try {
      return { bytes: rpcSerialize(value, hooks), attachments: [] };
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      refusal = error; // maybe because of a proxy
    }
  }
  throw refusal;
}

/** Where the attachments of a message that came in are taken from. */
export interface Attached {
  capability(index: number): Capability;
  readable(index: number): ReadableStream;
  writable(index: number): WritableStream;
  /** All stubs that were made. */
  stubs: object[];
}

let attached: Attached | null = null;

export function unpack(bytes: ArrayBuffer, from: Attached): unknown {
  const outer = attached;
  attached = from;
  try {
    return rpcDeserialize(bytes, hooks);
  } finally {
    attached = outer;
  }
}

const hooks: RpcHooks = {
  write: (value) => (value instanceof Special ? value.content : undefined),
  // Called while V8 reads: nothing here may run a script's code.
  read(content) {
    const [tag, first, second, third, fourth] = content as [string, any, any, any, any];
    switch (tag) {
      case "stub": {
        const stub = makeStub(attached!.capability(first));
        attached!.stubs.push(stub);
        return stub;
      }
      case "error":
        return decodeError(first, second, third);
      case "exception": {
        const exception = new DOMException(second, first);
        Object.defineProperty(exception, "stack", { value: third, configurable: true, writable: true });
        return exception;
      }
      case "headers":
        return headersFromBlock(first, "none");
      case "readable":
        return attached!.readable(first);
      case "writable":
        return attached!.writable(first);
      case "request":
        return requestOf(first);
      case "response":
        return responseOf(first);
      case "file":
        return forms.load().fileOf(first, third, second, fourth);
      case "blob":
        return forms.load().blobOf(first, second);
      case "service":
        return fetcherOf(first, second, third);
      default:
        return objects.load().objectStubOf(first, second, third, fourth);
    }
  },
};

