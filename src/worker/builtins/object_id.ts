// Identities of Durable Objects.
import { natives } from "../../web/builtins/natives.ts";

const { objectId, objectIdValid } = natives;

/** Longest name that an id remembers, in UTF-16 units; workerd's limit. */
const LONGEST_NAME = 1024;

export class DurableObjectId {
  readonly #hex: string;
  readonly name: string | undefined;

  constructor(hex: string, name?: string) {
    this.#hex = hex;
    if (name !== undefined && name.length <= LONGEST_NAME) this.name = name;
  }

  toString(): string {
    return this.#hex;
  }

  equals(other: unknown): boolean {
    return other instanceof DurableObjectId && other.#hex === this.#hex;
  }
}

export function idFromName(namespace: string, name: unknown): DurableObjectId {
  const text = String(name);
  return new DurableObjectId(objectId(namespace, text), text);
}

export function newUniqueId(namespace: string): DurableObjectId {
  return new DurableObjectId(objectId(namespace, undefined));
}

export function idFromString(namespace: string, text: unknown): DurableObjectId {
  const hex = String(text);
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new TypeError(
      "Invalid Durable Object ID: must be 64 hex digits",
    );
  }
  const lower = hex.toLowerCase();
  if (!objectIdValid(namespace, lower)) {
    throw new TypeError("Durable Object ID is not valid for this namespace.");
  }
  return new DurableObjectId(lower);
}
