// Platform objects in a Durable Object's storage. What is stored is V8's serialization; an object of
// one of our classes is stored as a pair, its name and a plain value.
import { cloneHooks } from "../../web/builtins/structured_clone.ts";
import { DOMException } from "../../web/builtins/dom_exception.ts";

/** For an object that is not a plain one: undefined when it is nevertheless a script's own, stored by
 * its properties; the pair of a platform object. Throws for one that cannot be stored. */
export function write(value: object): [string, unknown] | undefined {
  if (!cloneHooks.isPlatformObject(value)) return undefined;
  if (value instanceof Headers) return ["Headers", [...value]];
  const pair = cloneHooks.write(value) as [string, unknown] | undefined;
  if (pair !== undefined) return pair;
  throw new DOMException(refusal(value), "DataCloneError");
}

function refusal(value: object): string {
  if (value instanceof ReadableStream || value instanceof WritableStream || value instanceof TransformStream) {
    return `${value.constructor.name} can only be serialized for RPC.`;
  }
  if (value instanceof AbortSignal) return "AbortSignal serialization is not enabled.";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const name = tag === "Object" ? value.constructor.name : tag;
  return `Could not serialize object of type "${name}". This type does not support serialization.`;
}

/** The platform object of a pair. Called while V8 reads: nothing here may run a script's code. */
export function read(tag: string, value: unknown): unknown {
  if (tag === "Headers") return new Headers(value as [string, string][]);
  return cloneHooks.read(tag, value);
}
