// storage.kv of a Durable Object: its entries, without promises. Beneath it lie the same entries as
// beneath storage.get() and its kin.
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalConstructor } from "../../web/builtins/webidl.ts";
import { read, write } from "./stored_value.ts";
import { compileListOptions, type ListOptions } from "./object_list_options.ts";

const { storageDelete, storageGet, storageList, storagePut } = natives;

/** Entries that are read ahead. */
const BATCH = 64;

const INVALIDATED =
  "kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() iterator can exist at a time.";

/** Entries that are read while they are iterated over: changes behind the place are seen. */
class ListIterator {
  readonly #kv: SyncKvStorage;
  readonly #read: (after: string | undefined, most: number) => unknown[];
  #entries: unknown[] = [];
  #at = 0;
  #after: string | undefined;
  #left: number;
  #done = false;
  /** Of the writes of which #entries are true. */
  #writes = -1;

  constructor(kv: SyncKvStorage, read: (after: string | undefined, most: number) => unknown[], limit: number) {
    this.#kv = kv;
    this.#read = read;
    this.#left = limit;
  }

  next(): IteratorResult<[string, unknown]> {
    if (this.#done || this.#left === 0) return { done: true, value: undefined };
    if (SyncKvStorage.newest(this.#kv) !== this) throw new Error(INVALIDATED);
    const writes = SyncKvStorage.writes(this.#kv);
    if (this.#at >= this.#entries.length || this.#writes !== writes) {
      this.#entries = this.#read(this.#after, Math.min(this.#left, BATCH));
      this.#at = 0;
      this.#writes = writes;
    }
    if (this.#entries.length === 0) {
      this.#done = true;
      return { done: true, value: undefined };
    }
    const name = this.#entries[this.#at] as string;
    const value = this.#entries[this.#at + 1];
    this.#at += 2;
    this.#after = name;
    --this.#left;
    return { done: false, value: [name, value] };
  }
}
Object.setPrototypeOf(
  ListIterator.prototype,
  Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
);
defineInterface(ListIterator, "ListIterator");

export class SyncKvStorage {
  readonly #handle: () => number;
  readonly #writes: () => number;
  readonly #wrote: () => void;
  #newest: ListIterator | undefined;

  /** `writes` counts what may have changed entries, `wrote` says that this did. */
  constructor(handle: () => number, writes: () => number, wrote: () => void) {
    if (typeof handle !== "function") throw illegalConstructor();
    this.#handle = handle;
    this.#writes = writes;
    this.#wrote = wrote;
  }

  static newest(kv: SyncKvStorage): ListIterator | undefined {
    return kv.#newest;
  }

  static writes(kv: SyncKvStorage): number {
    return kv.#writes();
  }

  get(name: string): unknown {
    if (arguments.length === 0) throw badArgument("get", "SyncKvStorage", 1, "string");
    return storageGet(this.#handle(), `${name}`, read);
  }

  list(options?: ListOptions): IterableIterator<[string, unknown]> {
    const range = compileListOptions(options, "SyncKvStorage");
    const handle = this.#handle();
    const readFrom = (after: string | undefined, most: number) => {
      const { start, startAfter, end, prefix, reverse } = range;
      if (after === undefined) return storageList(handle, start, startAfter, end, prefix, reverse, most, read);
      // On from where it was.
      if (reverse) return storageList(handle, start, startAfter, after, prefix, true, most, read);
      return storageList(handle, undefined, after, end, prefix, false, most, read);
    };
    this.#newest = new ListIterator(this, readFrom, range.limit < 0 ? Infinity : range.limit);
    return this.#newest as unknown as IterableIterator<[string, unknown]>;
  }

  put(name: string, value: unknown): void {
    if (arguments.length < 2) {
      throw badArgument("put", "SyncKvStorage", arguments.length + 1, arguments.length === 0 ? "string" : "JsValue");
    }
    storagePut(this.#handle(), `${name}`, value, write);
    this.#wrote();
  }

  delete(name: string): boolean {
    if (arguments.length === 0) throw badArgument("delete", "SyncKvStorage", 1, "string");
    const was = storageDelete(this.#handle(), `${name}`);
    this.#wrote();
    return was;
  }
}
defineInterface(SyncKvStorage, "SyncKvStorage");
