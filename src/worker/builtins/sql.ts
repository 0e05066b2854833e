// storage.sql of a Durable Object: queries on its own SQLite database. The database, the limits and
// what is allowed are src/object's; rows come from there flat, one after the other.
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalConstructor } from "../../web/builtins/webidl.ts";

const { sqlDatabaseSize, sqlDrop, sqlExec, sqlFetch } = natives;

type Value = ArrayBuffer | string | number | null;
type Row = Record<string, Value>;

/** What only this module has: whoever lacks it cannot construct a Cursor. */
const key: unique symbol = Symbol("constructor");

/** Where sqlExec's values begin. */
const EXEC_HEAD = 6;
const FETCH_HEAD = 2;

interface Columns {
  number: number;
  names: string[];
}

/** A query in execution. It is one row ahead of what was read from it. */
export class Cursor {
  readonly #handle: number;
  readonly #names: string[];
  /** Of the query while rows are left on the native side; else 0. */
  #number: number;
  #rows: unknown[];
  #at: number;
  #rowsRead: number;
  /** #rowsRead once the first of #rows was read: the query is ahead by one. */
  #rowsReadAhead: number;
  readonly #rowsWritten: number;
  #columnNames: string[] | undefined;

  constructor(allowed: typeof key, handle: number, names: string[], answer: unknown[]) {
    if (allowed !== key) throw illegalConstructor();
    this.#handle = handle;
    this.#names = names;
    this.#number = answer[0] as number;
    this.#rows = answer;
    this.#at = EXEC_HEAD;
    this.#rowsRead = answer[3] as number;
    this.#rowsReadAhead = answer[5] as number;
    this.#rowsWritten = answer[4] as number;
  }

  /** Whether there is a row at #at. Fetches the next one when there was none. */
  #available(all: boolean): boolean {
    if (this.#at < this.#rows.length) return true;
    if (this.#number === 0) return false;
    let answer: unknown[];
    try {
      answer = sqlFetch(this.#handle, this.#number, all);
    } catch (error) {
      if (!isCanceled(error)) this.#number = 0;
      throw error;
    }
    this.#number = answer[0] as number;
    this.#rowsReadAhead = answer[1] as number;
    this.#rows = answer;
    this.#at = FETCH_HEAD;
    return true;
  }

  #row(): Row {
    const names = this.#names;
    const rows = this.#rows;
    const at = this.#at;
    const row: Row = {};
    for (let i = 0; i < names.length; ++i) row[names[i]!] = rows[at + i] as Value;
    this.#at = at + names.length;
    this.#rowsRead = this.#rowsReadAhead;
    return row;
  }

  next(): IteratorResult<Row> {
    if (!this.#available(false)) return { done: true, value: undefined };
    return { done: false, value: this.#row() };
  }

  toArray(): Row[] {
    const rows: Row[] = [];
    while (this.#available(true)) rows.push(this.#row());
    return rows;
  }

  one(): Row {
    if (!this.#available(false)) {
      throw new Error("Expected exactly one result from SQL query, but got no results.");
    }
    const row = this.#row();
    if (this.#at < this.#rows.length || this.#number !== 0) {
      this.#end();
      throw new Error("Expected exactly one result from SQL query, but got multiple results.");
    }
    return row;
  }

  raw(): IterableIterator<Value[]> {
    return new RawIterator(() => {
      if (!this.#available(false)) return undefined;
      const end = this.#at + this.#names.length;
      const row = this.#rows.slice(this.#at, end) as Value[];
      this.#at = end;
      this.#rowsRead = this.#rowsReadAhead;
      return row;
    }) as unknown as IterableIterator<Value[]>;
  }

  get columnNames(): string[] {
    return (this.#columnNames ??= [...this.#names]);
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return new RowIterator(() => (this.#available(false) ? this.#row() : undefined)) as unknown as IterableIterator<Row>;
  }

  #end(): void {
    if (this.#number !== 0) sqlDrop(this.#handle, this.#number);
    this.#number = 0;
    this.#at = this.#rows.length;
    this.#rowsRead = this.#rowsReadAhead;
  }

  /** What is to be dropped natively when nobody can read the cursor any more. */
  static unread(cursor: Cursor): { handle: number; number: number } | undefined {
    return cursor.#number === 0 ? undefined : { handle: cursor.#handle, number: cursor.#number };
  }
}
defineInterface(Cursor, "Cursor");

function isCanceled(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("SQLite query was canceled");
}

abstract class RowsIterator {
  readonly #next: () => unknown;

  constructor(next: () => unknown) {
    this.#next = next;
  }

  protected advance(): IteratorResult<unknown> {
    const value = this.#next();
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}

class RowIterator extends RowsIterator {
  next(): IteratorResult<unknown> {
    return this.advance();
  }
}

class RawIterator extends RowsIterator {
  next(): IteratorResult<unknown> {
    return this.advance();
  }
}

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;
Object.setPrototypeOf(RowsIterator.prototype, iteratorPrototype);
defineInterface(RowIterator, "RowIterator");
defineInterface(RawIterator, "RawIterator");

/** Only its name is seen: queries are compiled and kept by exec() itself. */
class Statement {
  constructor() {
    throw illegalConstructor();
  }
}
defineInterface(Statement, "Statement");

/** Queries whose columns are remembered. */
const MOST_REMEMBERED = 500;

/** Made when first needed: the startup snapshot cannot hold one. */
let abandoned: FinalizationRegistry<{ handle: number; number: number }> | undefined;

export class SqlStorage {
  readonly #handle: () => number;
  readonly #columns = new Map<string, Columns>();
  /** The last cursor that had more rows than were read at once. */
  #last: Cursor | undefined;

  constructor(handle: () => number) {
    if (typeof handle !== "function") throw illegalConstructor();
    this.#handle = handle;
  }

  exec(query: string, ...bindings: unknown[]): Cursor {
    if (arguments.length === 0) throw badArgument("exec", "SqlStorage", 1, "JsString");
    const text = typeof query === "string" ? query : `${query as unknown as string}`;
    const handle = this.#handle();
    const remembered = this.#columns.get(text);
    const answer = sqlExec(handle, text, remembered === undefined ? 0 : remembered.number, ...bindings);
    let names = answer[2] as string[] | undefined;
    if (names === undefined) {
      names = remembered!.names;
    } else {
      if (this.#columns.size >= MOST_REMEMBERED) this.#columns.clear();
      this.#columns.set(text, { number: answer[1] as number, names });
    }
    const cursor = new Cursor(key, handle, names, answer);
    if (this.#last !== undefined) this.#guardLast();
    if (answer[0] !== 0) this.#last = cursor;
    return cursor;
  }

  /** A cursor that is still unread when the next query runs may never be read: it would keep its
   * query running, and its table locked, so it is dropped when it is garbage. */
  #guardLast(): void {
    const unread = Cursor.unread(this.#last!);
    if (unread !== undefined) {
      abandoned ??= new FinalizationRegistry(({ handle, number }) => sqlDrop(handle, number));
      abandoned.register(this.#last!, unread);
    }
    this.#last = undefined;
  }

  get databaseSize(): number {
    return sqlDatabaseSize(this.#handle());
  }
}
defineInterface(SqlStorage, "SqlStorage");
for (const nested of [Cursor, Statement]) {
  Object.defineProperty(SqlStorage.prototype, nested.name, { value: nested, writable: true, configurable: true });
}
