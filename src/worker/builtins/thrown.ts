// Exceptions on their way from one worker or object to another: what is kept of them is their kind,
// their message and their own properties. The stack is that of whoever receives them.
import { DOMException } from "../../web/builtins/dom_exception.ts";
import { structuredClone } from "../../web/builtins/structured_clone.ts";

type ErrorClass = new (message: string) => Error;

const kinds: Record<string, ErrorClass> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** An exception without its prototype: a plain value that can be cloned. */
interface Thrown {
  /** Name of the kind; "" for what is no Error: then `value` is it. */
  kind: string;
  name: string;
  message: string;
  value?: unknown;
  properties: Record<string, unknown>;
}

function cloneable(value: unknown): boolean {
  return typeof value !== "function" && typeof value !== "symbol";
}

function describe(thrown: unknown): Thrown {
  const properties: Record<string, unknown> = {};
  if (!(thrown instanceof Error)) {
    const isObject = typeof thrown === "object" && thrown !== null;
    return isObject
      ? { kind: "", name: "", message: "", value: thrown, properties }
      : { kind: "Error", name: "Error", message: String(thrown), properties };
  }
  const { name, message } = thrown;
  if (thrown instanceof DOMException) {
    for (const key of Object.keys(thrown)) properties[key] = Reflect.get(thrown, key);
    return { kind: "DOMException", name, message, properties };
  }
  let kind = "Error";
  for (
    let prototype: unknown = Object.getPrototypeOf(thrown);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const found = Object.keys(kinds).find((each) => kinds[each]!.prototype === prototype);
    if (found === undefined) continue;
    kind = found;
    break;
  }
  for (const key of Object.getOwnPropertyNames(thrown)) {
    if (key === "stack" || key === "message") continue;
    const value: unknown = Reflect.get(thrown, key);
    if (cloneable(value)) properties[key] = value;
  }
  if (String(name) !== kind) properties.name = String(name);
  return { kind, name: String(name), message: String(message), properties };
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function rebuild({ kind, name, message, value, properties }: Thrown): object {
  const error =
    kind === ""
      ? (value as object)
      : kind === "DOMException"
        ? new DOMException(message, name)
        : new (kinds[kind] ?? Error)(message);
  for (const key of Object.keys(properties)) define(error, key, properties[key]);
  if (kind !== "") captureStackTrace(error, received);
  return error;
}

const { captureStackTrace } = Error as unknown as {
  captureStackTrace(target: object, above: unknown): void;
};

/** What a caller in the same isolate gets of an exception on the other side of a call. */
export function received(thrown: unknown): unknown {
  let parts = describe(thrown);
  try {
    parts = structuredClone(parts) as Thrown;
  } catch {
    parts = { ...parts, properties: copied(parts.properties) };
    if (parts.kind === "") {
      parts = { ...parts, kind: "Error", message: Object.prototype.toString.call(parts.value) };
    }
  }
  const error = rebuild(parts);
  define(error, "remote", true);
  return error;
}

/** Those that can be cloned. */
function copied(properties: Record<string, unknown>): Record<string, unknown> {
  const copies: Record<string, unknown> = {};
  for (const key of Object.keys(properties)) {
    try {
      copies[key] = structuredClone(properties[key]);
    } catch {
      // It stays behind.
    }
  }
  return copies;
}

/** Marks an error within an error's properties. */
const NESTED = "selvage:thrown";

/** The same for a caller elsewhere, as ASCII text; what JSON cannot say stays behind. */
export function encodeThrown(thrown: unknown): string {
  const parts = describe(thrown);
  let text: string;
  try {
    text = JSON.stringify(parts, (_key, value: unknown) =>
      value instanceof Error ? { [NESTED]: describe(value) } : value,
    );
  } catch {
    text = JSON.stringify({ ...parts, kind: parts.kind || "Error", value: undefined, properties: {} });
  }
  return text.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function decodeThrown(text: string): unknown {
  const parts = JSON.parse(text, (_key, value: unknown) =>
    typeof value === "object" && value !== null && Object.hasOwn(value, NESTED)
      ? rebuild((value as { [NESTED]: Thrown })[NESTED])
      : value,
  ) as Thrown;
  const error = rebuild(parts);
  define(error, "remote", true);
  return error;
}
