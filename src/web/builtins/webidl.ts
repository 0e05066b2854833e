// What Web IDL asks of every class and argument: enumerable members, toStringTag, conversions, and
// iterators over pairs.
// https://webidl.spec.whatwg.org/

type AnyClass = { readonly name: string; readonly prototype: object };

/** Gives a class what Web IDL gives an interface: enumerable members and a toStringTag. */
export function defineInterface(constructor: AnyClass, name: string): void {
  makeEnumerable(constructor.prototype, ["constructor"]);
  makeEnumerable(constructor, ["prototype", "length", "name"]);
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
  if (constructor.name !== name) Object.defineProperty(constructor, "name", { value: name });
  platformPrototypes.add(constructor.prototype);
}

/** Prototypes of our own classes: their objects are platform objects, not plain ones. */
export const platformPrototypes = new Set<object>();

function makeEnumerable(object: object, except: string[]): void {
  for (const key of Object.getOwnPropertyNames(object)) {
    if (except.includes(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(object, key)!;
    if (!descriptor.enumerable && descriptor.configurable) {
      Object.defineProperty(object, key, { enumerable: true });
    }
  }
}

/** Constants of an interface: on the constructor and on the prototype, read-only. */
export function defineConstants(constructor: AnyClass, constants: Record<string, number>): void {
  for (const [key, value] of Object.entries(constants)) {
    const descriptor = { value, enumerable: true };
    Object.defineProperty(constructor, key, descriptor);
    Object.defineProperty(constructor.prototype, key, descriptor);
  }
}

export function illegalInvocation(): TypeError {
  return new TypeError(
    "Illegal invocation: function called with incorrect `this` reference. See " +
      "https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors " +
      "for details.",
  );
}

export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

export function badArgument(method: string, of: string, index: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${of}': parameter ${index} is not of type '${type}'.`,
  );
}

export function badConstructorArgument(of: string, index: number, type: string): TypeError {
  return new TypeError(
    `Failed to construct '${of}': constructor parameter ${index} is not of type '${type}'.`,
  );
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** USVString: no lone surrogates. */
export function toUsvString(value: unknown): string {
  return (typeof value === "string" ? value : `${value as string}`).toWellFormed();
}

export function toDomString(value: unknown): string {
  return typeof value === "string" ? value : `${value as string}`;
}

/** A byte view of a BufferSource; undefined for anything else. */
export function bytesOfSource(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer || isSharedArrayBuffer(value)) return new Uint8Array(value);
  return undefined;
}

export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
}

/** Members of an iterable of pairs at an index, or undefined past the end. */
export type EntryAt<T> = (target: T, index: number) => readonly [string, unknown] | undefined;

export type PairIteratorKind = "entries" | "keys" | "values";

/** The iterator of a "pair iterable": live over `entryAt`. Its class is not reachable by users. */
export function pairIterator<T>(
  tag: string,
  entryAt: EntryAt<T>,
): (target: T, kind: PairIteratorKind) => IterableIterator<any> {
  class PairIterator {
    #target: T;
    #kind: PairIteratorKind;
    #index = 0;
    constructor(target: T, kind: PairIteratorKind) {
      this.#target = target;
      this.#kind = kind;
    }
    next(): IteratorResult<unknown> {
      const entry = entryAt(this.#target, this.#index);
      if (entry === undefined) return { value: undefined, done: true };
      this.#index++;
      if (this.#kind === "entries") return { value: [entry[0], entry[1]], done: false };
      return { value: this.#kind === "keys" ? entry[0] : entry[1], done: false };
    }
  }
  const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  Object.setPrototypeOf(PairIterator.prototype, iteratorPrototype);
  delete (PairIterator.prototype as { constructor?: unknown }).constructor;
  Object.defineProperty(PairIterator.prototype, "next", { enumerable: true });
  Object.defineProperty(PairIterator.prototype, Symbol.toStringTag, {
    value: tag,
    configurable: true,
  });
  return (target, kind) => new PairIterator(target, kind) as unknown as IterableIterator<any>;
}
