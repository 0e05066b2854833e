// Workers KV as a script sees it: arguments as workerd takes them, answers as it gives them. The
// limits and the messages about them are kv/kv_limits.h's, checked by the natives.
import { isReadableStream, makeResponseFromNative, streams } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { beforeOutput } from "./gates.ts";

const {
  kvDelete, kvGet, kvGetMany, kvGetWithMetadata, kvList, kvPut, kvRefuseBulkJson, kvUploadDrop,
  kvUploadFinish, kvUploadStart, kvUploadWrite,
} = natives;

type ValueType = "text" | "json" | "arrayBuffer" | "stream";
type GetOptions = string | { type?: string; cacheTtl?: unknown } | null | undefined;
interface PutOptions {
  expiration?: unknown;
  expirationTtl?: unknown;
  metadata?: unknown;
}
interface ListOptions {
  prefix?: unknown;
  limit?: unknown;
  cursor?: unknown;
}

const forms: Record<ValueType, KvForm> = { text: 0, json: 0, arrayBuffer: 1, stream: 2 };

function wrongParameter(method: string, number: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'KvNamespace': parameter ${number} is not of type '${type}'.`,
  );
}

/** An integer of 32 bits, as Web IDL makes one; undefined stays. */
function toInteger(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.trunc(Number(value));
  if (!Number.isFinite(number)) return 0;
  if (number < -2147483648 || number > 2147483647) {
    throw new TypeError(
      "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
    );
  }
  return number;
}

function typeOf(options: GetOptions): string {
  if (typeof options === "string") return options;
  if (options === null || options?.type === undefined) return "text";
  return String(options.type);
}

function cacheTtlOf(options: GetOptions): number | undefined {
  return typeof options === "object" && options !== null ? toInteger(options.cacheTtl) : undefined;
}

function checkGetOptions(options: unknown): GetOptions {
  const kind = typeof options;
  if (options === undefined || options === null || kind === "string" || kind === "object") {
    return options as GetOptions;
  }
  return String(options);
}

function checkType(type: string): ValueType {
  if (!Object.hasOwn(forms, type)) {
    throw new TypeError(
      'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
    );
  }
  return type as ValueType;
}

function convert(value: string | ArrayBuffer | BodyId, type: ValueType): unknown {
  if (type === "json") return JSON.parse(value as string);
  if (type === "stream") {
    return makeResponseFromNative(200, "", "", value as BodyId, "", false, null).body;
  }
  return value;
}

function getMany(
  namespace: string,
  keys: unknown[],
  options: GetOptions,
  each: (value: unknown, metadata: string | null) => unknown,
): Map<string, unknown> {
  const type = typeOf(options);
  const names = keys.map(String);
  const parts = kvGetMany(namespace, names, type, cacheTtlOf(options));
  const entries = new Map<string, unknown>();
  for (const [i, name] of names.entries()) {
    let value: unknown = parts[2 * i] ?? null;
    if (value === null) {
      entries.set(name, null);
      continue;
    }
    if (type === "json") {
      try {
        value = JSON.parse(value as string);
      } catch {
        kvRefuseBulkJson();
      }
    }
    entries.set(name, each(value, parts[2 * i + 1] ?? null));
  }
  return entries;
}

async function putStream(
  namespace: string,
  key: string,
  stream: ReadableStream,
  metadata: string | null,
  expiration: number | undefined,
  ttl: number | undefined,
): Promise<void> {
  if (stream.locked) throw new TypeError("The ReadableStream has been locked to a reader.");
  const upload = kvUploadStart(namespace, key, undefined, metadata, expiration, ttl);
  try {
    await streams.load().pumpStream(stream, (chunk) => {
      kvUploadWrite(upload, chunk);
      return true;
    });
    const gate = beforeOutput();
    if (gate !== undefined) await gate;
  } catch (error) {
    kvUploadDrop(upload);
    throw error;
  }
  await kvUploadFinish(upload);
}

let deleteMany: (namespace: KvNamespace, keys: string[]) => Promise<void>;

export class KvNamespace {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  static {
    deleteMany = async (namespace, keys) => {
      const gate = beforeOutput();
      if (gate !== undefined) await gate;
      await kvDelete(namespace.#namespace, keys);
    };
  }

  get(...parameters: [key?: unknown, options?: unknown]): Promise<unknown> {
    if (parameters.length === 0) throw wrongParameter("get", 1, "string or Array");
    return this.#get(parameters);
  }

  async #get(parameters: [key?: unknown, options?: unknown]): Promise<unknown> {
    const key = parameters[0];
    const options = checkGetOptions(parameters[1]);
    if (Array.isArray(key)) return getMany(this.#namespace, key, options, (value) => value);
    const type = typeOf(options);
    const form = forms[type as ValueType] ?? 0;
    const value = kvGet(this.#namespace, String(key), form, cacheTtlOf(options));
    if (value === null || type === "text") return value;
    return convert(value, checkType(type));
  }

  getWithMetadata(...parameters: [key?: unknown, options?: unknown]): Promise<unknown> {
    if (parameters.length === 0) throw wrongParameter("getWithMetadata", 1, "Array or string");
    return this.#getWithMetadata(parameters);
  }

  async #getWithMetadata(parameters: [key?: unknown, options?: unknown]): Promise<unknown> {
    const key = parameters[0];
    const options = checkGetOptions(parameters[1]);
    if (Array.isArray(key)) {
      return getMany(this.#namespace, key, options, (value, metadata) => ({
        value,
        metadata: metadata === null ? null : (JSON.parse(metadata) as unknown),
      }));
    }
    const type = typeOf(options);
    const form = forms[type as ValueType] ?? 0;
    const found = kvGetWithMetadata(this.#namespace, String(key), form, cacheTtlOf(options));
    if (found === null) return { value: null, metadata: null, cacheStatus: null };
    const [value, metadata] = found;
    return {
      value: convert(value, checkType(type)),
      metadata: metadata === null ? null : (JSON.parse(metadata) as unknown),
      cacheStatus: null,
    };
  }

  async put(
    ...parameters: [key?: unknown, value?: unknown, options?: unknown]
  ): Promise<void> {
    if (parameters.length === 0) throw wrongParameter("put", 1, "string");
    if (parameters.length === 1) throw wrongParameter("put", 2, "string or JsObject");
    const key = `${parameters[0] as string}`;
    const value = parameters[1];
    const options = (parameters[2] ?? {}) as PutOptions;
    if (typeof options !== "object") throw wrongParameter("put", 3, "PutOptions");
    const expiration = toInteger(options.expiration);
    const ttl = toInteger(options.expirationTtl);
    const metadata =
      options.metadata === undefined || options.metadata === null
        ? null
        : (JSON.stringify(options.metadata) ?? null);
    if (isReadableStream(value)) {
      return putStream(this.#namespace, key, value, metadata, expiration, ttl);
    }
    let bytes: string | ArrayBufferView | ArrayBuffer;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      bytes = value;
    } else if ((typeof value === "object" && value !== null) || typeof value === "function") {
      throw new TypeError(
        "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
      );
    } else {
      bytes = String(value);
    }
    const gate = beforeOutput();
    if (gate !== undefined) {
      if (typeof bytes !== "string") bytes = structuredClone(bytes) as ArrayBuffer;
      await gate;
    }
    await kvPut(this.#namespace, key, bytes, metadata, expiration, ttl);
  }

  async delete(...parameters: [key?: unknown]): Promise<void> {
    if (parameters.length === 0) throw wrongParameter("delete", 1, "string");
    await deleteMany(this, [String(parameters[0])]);
  }

  async list(options: unknown = undefined): Promise<unknown> {
    if (options !== undefined && options !== null && typeof options !== "object") {
      throw wrongParameter("list", 1, "ListOptions");
    }
    const { prefix, limit, cursor } = (options ?? {}) as ListOptions;
    const [entries, next] = kvList(
      this.#namespace,
      prefix === undefined || prefix === null ? "" : String(prefix),
      toInteger(limit),
      cursor === undefined || cursor === null ? "" : String(cursor),
    );
    const keys = entries.map(([name, expiration, metadata]) => {
      const entry: { name: string; expiration?: number; metadata?: unknown } = { name };
      if (expiration !== 0) entry.expiration = expiration;
      if (metadata !== null) entry.metadata = JSON.parse(metadata);
      return entry;
    });
    return next === ""
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor: next, cacheStatus: null };
  }
}
Object.defineProperty(KvNamespace, "name", { value: "KvNamespace" });
Object.defineProperty(KvNamespace.prototype, Symbol.toStringTag, {
  value: "KvNamespace",
  configurable: true,
});

/** As in workerd, only with its flag for what is experimental. */
export function enableDeleteBulk(): void {
  Object.defineProperty(KvNamespace.prototype, "deleteBulk", {
    value: async function deleteBulk(this: KvNamespace, keys: unknown): Promise<void> {
      await deleteMany(this, Array.isArray(keys) ? keys.map(String) : [String(keys)]);
    },
    writable: true,
    configurable: true,
  });
}
