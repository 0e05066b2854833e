// A key, and what guards it.
import { DOMException } from "./dom_exception.ts";
import { defineInterface } from "./webidl.ts";

export type Usage =
  | "encrypt" | "decrypt" | "sign" | "verify" | "deriveKey" | "deriveBits" | "wrapKey" | "unwrapKey";
export interface KeyAlgorithm {
  name: string;
  [more: string]: unknown;
}
export interface KeyPair {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

export function failure(name: string, message: string): Error {
  return new DOMException(message, name);
}

const internal = Symbol();
let secret: (key: CryptoKey) => Uint8Array;
let known: (value: object) => boolean;

export class CryptoKey {
  readonly #type: "secret" | "private" | "public";
  readonly #extractable: boolean;
  readonly #algorithm: KeyAlgorithm;
  readonly #usages: readonly Usage[];
  /** The secret itself; of a pair, its DER. */
  readonly #bytes: Uint8Array;

  constructor(
    pass: symbol, type: "secret" | "private" | "public", algorithm: KeyAlgorithm, extractable: boolean, usages: readonly Usage[],
    bytes: Uint8Array,
  ) {
    if (pass !== internal) throw new TypeError("Illegal constructor");
    this.#type = type;
    this.#algorithm = algorithm;
    this.#extractable = extractable;
    this.#usages = usages;
    this.#bytes = bytes;
  }

  get type(): "secret" | "private" | "public" {
    return this.#type;
  }
  get extractable(): boolean {
    return this.#extractable;
  }
  get algorithm(): KeyAlgorithm {
    return this.#algorithm;
  }
  get usages(): readonly Usage[] {
    return this.#usages;
  }

  static {
    secret = (key) => key.#bytes;
    known = (value) => #bytes in value;
  }
}
defineInterface(CryptoKey, "CryptoKey");

export function makeKey(
  type: "secret" | "private" | "public", algorithm: KeyAlgorithm, extractable: boolean, usages: readonly Usage[],
  bytes: Uint8Array | ArrayBuffer,
): CryptoKey {
  if (type !== "public" && usages.length === 0) throw failure("SyntaxError", "Usages cannot be empty when creating a key.");
  return new CryptoKey(internal, type, algorithm, extractable, usages, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
}

export function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof value === "object" && value !== null && known(value);
}

export function secretOf(key: CryptoKey): Uint8Array {
  return secret(key);
}

/** Without repetitions, in the order of the standard. */
export function checkUsages(usages: unknown, allowed: readonly Usage[]): Usage[] {
  const given = [...(usages as Iterable<Usage>)];
  const bad = given.find((usage) => !allowed.includes(usage));
  if (bad !== undefined) throw failure("SyntaxError", `The usage "${bad}" is not one of this algorithm.`);
  return allowed.filter((usage) => given.includes(usage));
}
