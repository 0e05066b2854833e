// state.storage: a Durable Object's own store. Reads and writes happen at once in the object's local
// database; the writes of a turn become durable together, and the output gate waits for them.
import { natives } from "../../web/builtins/natives.ts";

const {
  storageBarrier,
  storageDelete,
  storageDeleteAll,
  storageGet,
  storageList,
  storageOpen,
  storagePut,
  storageTransactionBegin,
  storageTransactionEnd,
} = natives;

const MOST_KEYS = 128;

interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
}

/** The storage calls that a transaction has as well. */
class StorageOperations {
  /** The native handle, opened by the first call that needs it. */
  readonly _handle: () => number;

  constructor(handle: () => number) {
    this._handle = handle;
  }

  async get(key: string | string[]): Promise<unknown> {
    const handle = this._handle();
    if (!Array.isArray(key)) return storageGet(handle, String(key));
    if (key.length > MOST_KEYS) throw new RangeError(`Maximum number of keys is ${MOST_KEYS}.`);
    const found = new Map<string, unknown>();
    for (const name of key.map(String).sort(byBytes)) {
      const value = storageGet(handle, name);
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }

  async list(options: ListOptions = {}): Promise<Map<string, unknown>> {
    if (options.limit !== undefined && !(options.limit > 0)) {
      throw new TypeError("List limit must be positive.");
    }
    if (options.start !== undefined && options.startAfter !== undefined) {
      throw new TypeError("list() cannot be called with both start and startAfter values.");
    }
    const flat = storageList(
      this._handle(),
      options.start,
      options.startAfter,
      options.end,
      options.prefix,
      options.reverse ?? false,
      options.limit ?? -1,
    );
    const found = new Map<string, unknown>();
    for (let i = 0; i < flat.length; i += 2) found.set(flat[i] as string, flat[i + 1]);
    return found;
  }

  async put(key: string | Record<string, unknown>, value?: unknown): Promise<void> {
    const handle = this._handle();
    if (typeof key === "object" && key !== null) {
      const entries = Object.entries(key).filter(([, item]) => item !== undefined);
      if (entries.length > MOST_KEYS) {
        throw new RangeError(`Maximum number of pairs is ${MOST_KEYS}.`);
      }
      for (const [name, item] of entries) storagePut(handle, name, item);
      return;
    }
    if (value === undefined) throw new TypeError("put() called with undefined value.");
    storagePut(handle, String(key), value);
  }

  async delete(key: string | string[]): Promise<boolean | number> {
    const handle = this._handle();
    if (!Array.isArray(key)) return storageDelete(handle, String(key));
    if (key.length > MOST_KEYS) throw new RangeError(`Maximum number of keys is ${MOST_KEYS}.`);
    return key.filter((name) => storageDelete(handle, String(name))).length;
  }
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What transaction() gives to its callback. */
export class DurableObjectTransaction extends StorageOperations {
  #rolledBack = false;

  rollback(): void {
    this.#rolledBack = true;
  }

  static wasRolledBack(transaction: DurableObjectTransaction): boolean {
    return transaction.#rolledBack;
  }
}

export class DurableObjectStorage extends StorageOperations {
  readonly #block: <T>(callback: () => Promise<T>) => Promise<T>;

  constructor(handle: () => number, block: <T>(callback: () => Promise<T>) => Promise<T>) {
    super(handle);
    this.#block = block;
  }

  async deleteAll(): Promise<void> {
    storageDeleteAll(this._handle());
  }

  /** Resolves when everything written so far is durable. */
  async sync(): Promise<void> {
    await storageBarrier(this._handle(), true);
  }

  /** Runs `callback` alone on the object; what it wrote is undone when it throws or rolls back. Its
   * exception is the caller's: unlike one in blockConcurrencyWhile(), it does not end the object. */
  async transaction<T>(
    callback: (transaction: DurableObjectTransaction) => Promise<T>,
  ): Promise<T> {
    const outcome = await this.#block(async () => {
      const handle = this._handle();
      const transaction = new DurableObjectTransaction(() => handle);
      storageTransactionBegin(handle);
      let commit = false;
      try {
        const value = await callback(transaction);
        commit = !DurableObjectTransaction.wasRolledBack(transaction);
        return { value };
      } catch (error) {
        return { error };
      } finally {
        storageTransactionEnd(handle, commit);
      }
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  transactionSync<T>(callback: () => T): T {
    const handle = this._handle();
    storageTransactionBegin(handle);
    let commit = false;
    try {
      const result = callback();
      commit = true;
      return result;
    } finally {
      storageTransactionEnd(handle, commit);
    }
  }
}

export function openStorage(namespace: string, id: string): number {
  return storageOpen(namespace, id);
}
