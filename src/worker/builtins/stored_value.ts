// Platform objects in a Durable Object's storage. What is stored is V8's serialization; an object of
// one of our classes is stored as a pair, its name and a plain value.
import { cloneHooks } from "../../web/builtins/structured_clone.ts";

/** For an object that is not a plain one: undefined when it is nevertheless a script's own, stored by
 * its properties; the pair of a platform object. Throws for one that cannot be stored. */
export function write(value: object): [string, unknown] | undefined {
  if (!cloneHooks.isPlatformObject(value)) return undefined;
  return cloneHooks.write(value) as [string, unknown];
}

/** The platform object of a pair. Called while V8 reads: nothing here may run a script's code. */
export function read(tag: string, value: unknown): unknown {
  return cloneHooks.read(tag, value);
}
