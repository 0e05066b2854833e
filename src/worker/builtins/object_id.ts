// Identities of Durable Objects.
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalConstructor } from "../../web/builtins/webidl.ts";

const { objectId, objectIdValid } = natives;

/** Longest name that an object knows of itself, in bytes of UTF-8; workerd's limit. */
const LONGEST_NAME = 1024;

/** As encoded in an id (worker/object_id.h). */
const jurisdictions = [undefined, "eu", "fedramp", "fedramp-high", "us"] as const;

/** Digits of an id that encode its jurisdiction. */
const JURISDICTION_AT = 30;

/** Undefined when nothing is asked for; throws when it is no jurisdiction. */
export function jurisdictionOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const name = String(value);
  if ((jurisdictions as readonly unknown[]).includes(name)) return name;
  throw new TypeError(
    `Invalid jurisdiction "${name}". Possible values are: ${jurisdictions.slice(1).join(", ")}.`,
  );
}

function encoded(jurisdiction: string | undefined): number {
  return (jurisdictions as readonly unknown[]).indexOf(jurisdiction);
}

const encoder = new TextEncoder();

function isShort(name: string): boolean {
  return name.length <= LONGEST_NAME / 3 || encoder.encode(name).length <= LONGEST_NAME;
}

const internal = Symbol();

export function objectIdOf(hex: string, name?: string): DurableObjectId {
  return new DurableObjectId(internal, hex, name);
}

export class DurableObjectId {
  readonly #hex: string;
  readonly jurisdiction: string | undefined;
  /** What it was made from, if known. */
  readonly name: string | undefined;

  constructor(key: symbol, hex: string, name: string | undefined) {
    if (key !== internal) throw illegalConstructor();
    this.#hex = hex;
    if (name !== undefined) this.name = name;
    const digits = hex.slice(JURISDICTION_AT, JURISDICTION_AT + 2);
    if (digits !== "00") this.jurisdiction = jurisdictions[parseInt(digits, 16)];
  }

  toString(): string {
    return this.#hex;
  }

  equals(other: DurableObjectId): boolean {
    if (!(other instanceof DurableObjectId)) {
      throw badArgument("equals", "DurableObjectId", 1, "DurableObjectId");
    }
    return other.#hex === this.#hex;
  }
}

/** The id as the object itself knows it. */
export function idWithin(id: DurableObjectId): DurableObjectId {
  return id.name === undefined || isShort(id.name) ? id : objectIdOf(id.toString());
}

/** Ids of names are asked for again and again. */
const remembered = new Map<string, string>();
const MOST_REMEMBERED = 4096;

export function idFromName(
  namespace: string, jurisdiction: string | undefined, name: unknown,
): DurableObjectId {
  const text = String(name);
  const key = `${namespace}\n${jurisdiction ?? ""}\n${text}`;
  let hex = remembered.get(key);
  if (hex === undefined) {
    hex = objectId(namespace, encoded(jurisdiction), text);
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    if (isShort(text)) remembered.set(key, hex);
  }
  return objectIdOf(hex, text);
}

export function newUniqueId(namespace: string, jurisdiction: string | undefined): DurableObjectId {
  return objectIdOf(objectId(namespace, encoded(jurisdiction), undefined));
}

export function idFromString(
  namespace: string, jurisdiction: string | undefined, text: unknown,
): DurableObjectId {
  const hex = String(text);
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new TypeError("Invalid Durable Object ID: must be 64 hex digits");
  }
  const lower = hex.toLowerCase();
  if (!objectIdValid(namespace, lower)) {
    throw new TypeError("Durable Object ID is not valid for this namespace.");
  }
  const id = objectIdOf(lower);
  if (jurisdiction !== undefined && id.jurisdiction !== jurisdiction) {
    throw new TypeError(
      "idFromString called on jurisdictional subnamespace with an ID from a different jurisdiction",
    );
  }
  return id;
}
defineInterface(DurableObjectId, "DurableObjectId");
