// ctx.storage: a Durable Object's own store. Reads and writes happen at once in the object's local
// database; the writes of a turn become durable together, and the output gate waits for them.
// Types, limits and messages are workerd's.
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalConstructor, isObject } from "../../web/builtins/webidl.ts";
import { toAlarmTime, toTime } from "./alarm_time.ts";
import { sql } from "./groups.ts";
import { byUtf8, compileListOptions, type ListOptions } from "./object_list_options.ts";
import { read, write } from "./stored_value.ts";
import type { SqlStorage } from "./sql.ts";
import { worker } from "./state.ts";
import { SyncKvStorage } from "./sync_kv.ts";

const {
  storageAlarm,
  storageBarrier,
  storageBookmark,
  storageBookmarkAt,
  storageDelete,
  storageDeleteAll,
  storageGet,
  storageList,
  storageOpen,
  storagePut,
  storagePutAll,
  storageRestore,
  storageSetAlarm,
  storageTransactionBegin,
  storageTransactionEnd,
} = natives;

/** Options of reads and writes. Storage answers at once and in order, and keeps nothing in a cache of
 * its own: that leaves the output gate, which does not wait for writes that are allowed to be
 * unconfirmed. */
type Options = { allowConcurrency?: boolean; allowUnconfirmed?: boolean; noCache?: boolean };

const BAD_PUT =
  "put() may only be called with a single key-value pair and optional options as put(key, value, options) or with multiple key-value pairs and optional options as put(entries, options)";

function isUnconfirmed(options: Options | null | undefined): boolean {
  return Boolean(options?.allowUnconfirmed);
}

/** What is there and no object is no options. */
function checkOptions(options: unknown, method: string, of: string, index: number, type: string): void {
  if (options !== null && !isObject(options)) throw badArgument(method, of, index, type);
}

/** How the storage calls reach what they work on. */
interface Access {
  /** For error messages. */
  interfaceName: string;
  /** The native handle, for the call that `operation` names; throws when there must be none. */
  handleFor(operation: string): number;
  /** Entries may have changed. */
  wrote(): void;
  object: StoredObject;
}

/** What a storage has to know of its object. */
export interface StoredObject {
  name: string | undefined;
  /** Whether there will be somebody to wake. True while that is not known. */
  hasAlarmHandler(): boolean;
}

const NO_ALARM_HANDLER = "Your Durable Object class must have an alarm() handler in order to call setAlarm()";

/** The storage calls that a transaction has as well. */
class StorageOperations {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async get(key: string | string[], options?: Options): Promise<unknown> {
    if (options !== undefined) this.#check(options, "get", 2, "GetOptions");
    if (typeof key === "string") return storageGet(this.#access.handleFor("get()"), key, read);
    if (arguments.length === 0) throw badArgument("get", this.#access.interfaceName, 1, "string or Array");
    const handle = this.#access.handleFor("get()");
    if (!Array.isArray(key)) return storageGet(handle, `${key as unknown as string}`, read);
    const found = new Map<string, unknown>();
    for (const name of key.map(String).sort(byUtf8)) {
      if (found.has(name)) continue;
      const value = storageGet(handle, name, read);
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }

  async list(options?: ListOptions & Options): Promise<Map<string, unknown>> {
    const range = compileListOptions(options, this.#access.interfaceName);
    const handle = this.#access.handleFor("list()");
    const { start, startAfter, end, prefix, reverse, limit } = range;
    const flat = storageList(handle, start, startAfter, end, prefix, reverse, limit, read);
    const found = new Map<string, unknown>();
    for (let i = 0; i < flat.length; i += 2) found.set(flat[i] as string, flat[i + 1]);
    return found;
  }

  async put(key: string | Record<string, unknown>, value?: unknown, options?: Options): Promise<void> {
    if (arguments.length === 0) throw badArgument("put", this.#access.interfaceName, 1, "string or object");
    if (options !== undefined) this.#check(options, "put", 3, "PutOptions");
    const handle = this.#access.handleFor("put()");
    this.#access.wrote();
    if (isObject(key) && !Array.isArray(key)) {
      if (value !== undefined && value !== null && !isObject(value)) throw new TypeError(BAD_PUT);
      storagePutAll(handle, Object.entries(key).flat(), write, isUnconfirmed(value as Options | null | undefined));
      return;
    }
    if (value === undefined) throw new TypeError("put() called with undefined value.");
    storagePut(handle, `${key as string}`, value, write, isUnconfirmed(options));
  }

  async delete(key: string | string[], options?: Options): Promise<boolean | number> {
    if (arguments.length === 0) throw badArgument("delete", this.#access.interfaceName, 1, "string or Array");
    if (options !== undefined) this.#check(options, "delete", 2, "PutOptions");
    const unconfirmed = isUnconfirmed(options);
    const handle = this.#access.handleFor("delete()");
    this.#access.wrote();
    if (!Array.isArray(key)) return storageDelete(handle, `${key}`, unconfirmed);
    let deleted = 0;
    for (const name of key) if (storageDelete(handle, `${name as unknown as string}`, unconfirmed)) ++deleted;
    return deleted;
  }

  #check(options: unknown, method: string, index: number, type: string): void {
    checkOptions(options, method, this.#access.interfaceName, index, type);
  }

  async getAlarm(options?: Options): Promise<number | null> {
    if (options !== undefined) this.#check(options, "getAlarm", 1, "GetAlarmOptions");
    return storageAlarm(this.#access.handleFor("getAlarm()")) ?? null;
  }

  async setAlarm(time: number | Date, options?: Options): Promise<void> {
    const due = toAlarmTime(time, this.#access.interfaceName);
    if (options !== undefined) this.#check(options, "setAlarm", 2, "SetAlarmOptions");
    const { object } = this.#access;
    const handle = this.#access.handleFor("setAlarm()");
    if (!object.hasAlarmHandler()) throw new TypeError(NO_ALARM_HANDLER);
    storageSetAlarm(handle, due, object.name ?? "", isUnconfirmed(options));
  }

  async deleteAlarm(options?: Options): Promise<void> {
    if (options !== undefined) this.#check(options, "deleteAlarm", 1, "SetAlarmOptions");
    storageSetAlarm(this.#access.handleFor("deleteAlarm()"), 0, "", isUnconfirmed(options));
  }
}

/** The transactions of one storage, from the outermost to the innermost. */
class Transactions {
  readonly open: DurableObjectTransaction[] = [];
  /** Counts what may have changed entries. */
  writes = 0;
}

/** What transaction() gives to its callback. */
export class DurableObjectTransaction extends StorageOperations {
  readonly #handle: number;
  readonly #transactions: Transactions;
  #state: "open" | "rolled back" | "over" = "open";

  constructor(handle: number, transactions: Transactions, object: StoredObject) {
    if (!(transactions instanceof Transactions)) throw illegalConstructor();
    super({
      interfaceName: "DurableObjectTransaction",
      handleFor: (operation) => this.#handleFor(operation),
      wrote: () => void ++transactions.writes,
      object,
    });
    this.#handle = handle;
    this.#transactions = transactions;
    storageTransactionBegin(handle);
    transactions.open.push(this);
  }

  #handleFor(operation: string): number {
    if (this.#state === "rolled back") throw new Error(`Cannot ${operation} on rolled back transaction`);
    if (this.#state === "over") {
      throw new Error(
        `Cannot call ${operation} on transaction that has already committed: did you move \`txn\` outside of the closure?`,
      );
    }
    return this.#handle;
  }

  rollback(): void {
    if (this.#state === "rolled back") return;
    this.#handleFor("rollback()");
    if (this.#transactions.open.at(-1) !== this) {
      throw new Error("Cannot roll back an outer transaction while a nested transaction is still running.");
    }
    this.#end(false);
    this.#state = "rolled back";
  }

  deleteAll(): never {
    throw new Error("Cannot call deleteAll() within a transaction");
  }

  #end(commit: boolean): void {
    this.#transactions.open.pop();
    if (!commit) ++this.#transactions.writes;
    storageTransactionEnd(this.#handle, commit);
  }

  /** Ends what rollback() has not ended. */
  static finish(transaction: DurableObjectTransaction, commit: boolean): void {
    const open = transaction.#state === "open";
    if (transaction.#state === "open") transaction.#state = commit ? "over" : "rolled back";
    if (open) transaction.#end(commit);
  }
}
defineInterface(DurableObjectTransaction, "DurableObjectTransaction");

export class DurableObjectStorage extends StorageOperations {
  readonly #handle: () => number;
  readonly #block: <T>(callback: () => Promise<T>) => Promise<T>;
  readonly #object: StoredObject;
  readonly #transactions: Transactions;
  #sql: SqlStorage | undefined;
  #kv: SyncKvStorage | undefined;
  declare readonly kv: SyncKvStorage;
  declare readonly sql: SqlStorage;

  /** They are the storage's own, as on workerd, and made when they are asked for. */
  static readonly #own: PropertyDescriptorMap & ThisType<DurableObjectStorage> = {
    kv: {
      enumerable: true,
      get() {
        const transactions = this.#transactions;
        return (this.#kv ??= new SyncKvStorage(
          this.#handle,
          () => transactions.writes,
          () => void ++transactions.writes,
        ));
      },
    },
    sql: {
      enumerable: true,
      get() {
        return (this.#sql ??= new (sql.load().SqlStorage)(this.#handle));
      },
    },
  };

  constructor(
    handle: () => number,
    block: <T>(callback: () => Promise<T>) => Promise<T>,
    object: StoredObject,
  ) {
    if (typeof handle !== "function") throw illegalConstructor();
    const transactions = new Transactions();
    super({
      interfaceName: "DurableObjectStorage",
      handleFor: handle,
      wrote: () => void ++transactions.writes,
      object,
    });
    this.#object = object;
    this.#handle = handle;
    this.#block = block;
    this.#transactions = transactions;
    Object.defineProperties(this, DurableObjectStorage.#own);
  }

  async deleteAll(options?: Options): Promise<void> {
    if (options !== undefined) checkOptions(options, "deleteAll", "DurableObjectStorage", 1, "PutOptions");
    storageDeleteAll(this.#handle(), worker.deleteAllDeletesAlarm);
    ++this.#transactions.writes;
  }

  /** Resolves when everything written so far is durable. */
  async sync(): Promise<void> {
    await storageBarrier(this.#handle(), true);
  }

  // Point-in-time recovery. A bookmark is of something durable, so what was written comes first.

  async getCurrentBookmark(): Promise<string> {
    return storageBookmark(await this.#afterWrites());
  }

  async getBookmarkForTime(time: number | Date): Promise<string> {
    const milliseconds = toTime(time, "getBookmarkForTime", "DurableObjectStorage");
    return storageBookmarkAt(await this.#afterWrites(), milliseconds);
  }

  async onNextSessionRestoreBookmark(bookmark: string): Promise<string> {
    if (arguments.length === 0) {
      throw badArgument("onNextSessionRestoreBookmark", "DurableObjectStorage", 1, "string");
    }
    return storageRestore(await this.#afterWrites(), `${bookmark}`);
  }

  /** Within transaction() nothing is written yet, and its end cannot be waited for. */
  async #afterWrites(): Promise<number> {
    const handle = this.#handle();
    if (this.#transactions.open.length === 0) await storageBarrier(handle, true);
    return handle;
  }

  /** Runs `callback` alone on the object; what it wrote is undone when it throws or rolls back. Its
   * exception is the caller's: unlike one in blockConcurrencyWhile(), it does not end the object. */
  async transaction<T>(
    callback: (transaction: DurableObjectTransaction) => Promise<T>,
    options?: object,
  ): Promise<T> {
    if (typeof callback !== "function") throw badArgument("transaction", "DurableObjectStorage", 1, "function");
    if (options !== undefined) checkOptions(options, "transaction", "DurableObjectStorage", 2, "TransactionOptions");
    const outcome = await this.#block(async () => {
      const transaction = new DurableObjectTransaction(this.#handle(), this.#transactions, this.#object);
      let value: T;
      try {
        value = await callback(transaction);
      } catch (error) {
        DurableObjectTransaction.finish(transaction, false);
        return { error };
      }
      DurableObjectTransaction.finish(transaction, true);
      return { value };
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  transactionSync<T>(callback: () => T): T {
    if (typeof callback !== "function") throw badArgument("transactionSync", "DurableObjectStorage", 1, "function");
    const handle = this.#handle();
    storageTransactionBegin(handle);
    let result: T;
    try {
      result = callback();
    } catch (error) {
      ++this.#transactions.writes;
      storageTransactionEnd(handle, false);
      throw error;
    }
    storageTransactionEnd(handle, true);
    return result;
  }
}
defineInterface(DurableObjectStorage, "DurableObjectStorage");

export function openStorage(namespace: string, id: string): number {
  return storageOpen(namespace, id);
}
