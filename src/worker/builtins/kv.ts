// Workers KV as a script sees it. Limits and messages follow Cloudflare's service, whose answers
// workerd passes on: "KV GET failed: 400 ...".
import { natives } from "../../web/builtins/natives.ts";
import { beforeOutput } from "./gates.ts";

const { encodeUtf8, kvDelete, kvGet, kvList, kvPut, utf8Length } = natives;

export const limits = {
  keyBytes: 512,
  valueBytes: 25 * 1024 * 1024,
  metadataBytes: 1024,
  shortestTtl: 60,
  keysInList: 1000,
  keysInBulkGet: 100,
};

type ValueType = "text" | "json" | "arrayBuffer" | "stream";
type GetOptions = ValueType | { type?: ValueType; cacheTtl?: number } | undefined;

function checkKey(operation: string, key: unknown): string {
  const name = String(key);
  if (name === "") throw new TypeError("Key name cannot be empty.");
  if (name === ".") throw new TypeError('"." is not allowed as a key name.');
  if (name === "..") throw new TypeError('".." is not allowed as a key name.');
  const length = utf8Length(name);
  if (length > limits.keyBytes) {
    throw new Error(
      `KV ${operation} failed: 414 UTF-8 encoded length of ${length} exceeds key length limit of ${limits.keyBytes}.`,
    );
  }
  return name;
}

function typeOf(options: GetOptions): ValueType {
  const type = typeof options === "string" ? options : (options?.type ?? "text");
  if (type !== "text" && type !== "json" && type !== "arrayBuffer" && type !== "stream") {
    throw new TypeError(
      'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
    );
  }
  return type;
}

function checkCacheTtl(options: GetOptions): void {
  if (typeof options !== "object" || options === null || options.cacheTtl === undefined) return;
  const ttl = Number(options.cacheTtl);
  if (!Number.isInteger(ttl) || ttl < 30) {
    throw new Error(
      `KV GET failed: 400 Invalid cache_ttl of ${options.cacheTtl}. Cache TTL must be at least 30.`,
    );
  }
}

function streamOf(bytes: Uint8Array): ReadableStream {
  return new Response(bytes).body as ReadableStream;
}

function convert(value: string | Uint8Array, type: ValueType): unknown {
  switch (type) {
    case "text":
      return value;
    case "json":
      return JSON.parse(value as string);
    case "arrayBuffer":
      return (value as Uint8Array).buffer;
    case "stream":
      return streamOf(value as Uint8Array);
  }
}

function readEntry(namespace: string, key: string, type: ValueType) {
  const found = kvGet(namespace, key, type === "text" || type === "json");
  if (found === null) return { value: null, metadata: null };
  return {
    value: convert(found[0], type),
    metadata: found[1] === null ? null : (JSON.parse(found[1]) as unknown),
  };
}

async function bytesOf(value: unknown): Promise<string | ArrayBufferView | ArrayBuffer> {
  if (typeof value === "string" || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return value;
  }
  if (value instanceof ReadableStream) {
    return new Uint8Array(await new Response(value).arrayBuffer());
  }
  throw new TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.");
}

function expirationOf(options: { expiration?: unknown; expirationTtl?: unknown }): number {
  const now = Math.floor(Date.now() / 1000);
  if (options.expirationTtl !== undefined && options.expirationTtl !== null) {
    const ttl = Number(options.expirationTtl);
    if (!Number.isInteger(ttl) || ttl <= 0) {
      throw new Error(
        `KV PUT failed: 400 Invalid expiration_ttl of ${options.expirationTtl}. Please specify integer greater than 0.`,
      );
    }
    if (ttl < limits.shortestTtl) {
      throw new Error(
        `KV PUT failed: 400 Invalid expiration_ttl of ${ttl}. Expiration TTL must be at least ${limits.shortestTtl}.`,
      );
    }
    return now + ttl;
  }
  if (options.expiration === undefined || options.expiration === null) return 0;
  const expiration = Number(options.expiration);
  if (!Number.isInteger(expiration) || expiration <= now) {
    throw new Error(
      `KV PUT failed: 400 Invalid expiration of ${options.expiration}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    );
  }
  if (expiration < now + limits.shortestTtl) {
    throw new Error(
      `KV PUT failed: 400 Invalid expiration of ${expiration}. Expiration times must be at least ${limits.shortestTtl} seconds in the future.`,
    );
  }
  return expiration;
}

export class KvNamespace {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  async get(key: string | string[], options?: GetOptions): Promise<unknown> {
    if (Array.isArray(key)) {
      const entries = this.#getMany(key, options);
      return new Map([...entries].map(([name, entry]) => [name, entry.value]));
    }
    const name = checkKey("GET", key);
    const type = typeOf(options);
    checkCacheTtl(options);
    if (type === "text") {
      const found = kvGet(this.#namespace, name, true);
      return found === null ? null : found[0];
    }
    return readEntry(this.#namespace, name, type).value;
  }

  async getWithMetadata(key: string | string[], options?: GetOptions): Promise<unknown> {
    if (Array.isArray(key)) return this.#getMany(key, options);
    const name = checkKey("GET", key);
    checkCacheTtl(options);
    const entry = readEntry(this.#namespace, name, typeOf(options));
    return { value: entry.value, metadata: entry.metadata, cacheStatus: null };
  }

  #getMany(keys: string[], options: GetOptions): Map<string, { value: unknown; metadata: unknown }> {
    const type = typeOf(options);
    checkCacheTtl(options);
    if (type !== "text" && type !== "json") {
      throw new Error(
        `KV GET_BULK failed: 400 "${type}" is not a valid type. Use "json" or "text"`,
      );
    }
    if (keys.length > limits.keysInBulkGet) {
      throw new Error(
        `KV GET_BULK failed: 400 You can request a maximum of ${limits.keysInBulkGet} keys`,
      );
    }
    if (keys.length === 0) {
      throw new Error("KV GET_BULK failed: 400 You must request a minimum of 1 key");
    }
    const entries = new Map<string, { value: unknown; metadata: unknown }>();
    for (const key of keys) {
      entries.set(key, readEntry(this.#namespace, checkKey("GET_BULK", key), type));
    }
    return entries;
  }

  async put(
    key: string,
    value: unknown,
    options: { expiration?: unknown; expirationTtl?: unknown; metadata?: unknown } = {},
  ): Promise<void> {
    const name = checkKey("PUT", key);
    const expiration = expirationOf(options);
    let metadata: string | null = null;
    if (options.metadata !== undefined && options.metadata !== null) {
      metadata = JSON.stringify(options.metadata);
      const length = utf8Length(metadata);
      if (length > limits.metadataBytes) {
        throw new Error(
          `KV PUT failed: 413 Metadata length of ${length} exceeds limit of ${limits.metadataBytes}.`,
        );
      }
    }
    const bytes = await bytesOf(value);
    const length = typeof bytes === "string" ? utf8Length(bytes) : bytes.byteLength;
    if (length > limits.valueBytes) {
      throw new Error(
        `KV PUT failed: 413 Value length of ${length} exceeds limit of ${limits.valueBytes}.`,
      );
    }
    await beforeOutput();
    await kvPut(this.#namespace, name, bytes, metadata, expiration);
  }

  async delete(key: string): Promise<void> {
    const name = checkKey("DELETE", key);
    await beforeOutput();
    await kvDelete(this.#namespace, name);
  }

  async list(
    options: { prefix?: string | null; limit?: number | null; cursor?: string | null } = {},
  ): Promise<unknown> {
    const prefix = options.prefix ?? "";
    const limit = options.limit ?? limits.keysInList;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new Error(
        `KV GET failed: 400 Invalid key_count_limit of ${limit}. Please specify an integer greater than 0.`,
      );
    }
    if (limit > limits.keysInList) {
      throw new Error(
        `KV GET failed: 400 Invalid key_count_limit of ${limit}. Please specify an integer less than ${limits.keysInList}.`,
      );
    }
    const prefixLength = encodeUtf8(prefix).byteLength;
    if (prefixLength > limits.keyBytes) {
      throw new Error(
        `KV GET failed: 414 UTF-8 encoded length of ${prefixLength} exceeds key length limit of ${limits.keyBytes}.`,
      );
    }
    const [entries, cursor] = kvList(this.#namespace, prefix, limit, options.cursor ?? "");
    const keys = entries.map(([name, expiration, metadata]) => {
      const entry: { name: string; expiration?: number; metadata?: unknown } = { name };
      if (expiration !== 0) entry.expiration = expiration;
      if (metadata !== null) entry.metadata = JSON.parse(metadata);
      return entry;
    });
    return cursor === ""
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor, cacheStatus: null };
  }
}
Object.defineProperty(KvNamespace, "name", { value: "KvNamespace" });
Object.defineProperty(KvNamespace.prototype, Symbol.toStringTag, {
  value: "KvNamespace",
  configurable: true,
});
