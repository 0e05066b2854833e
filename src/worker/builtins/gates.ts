// Output gates: nothing leaves an object before what it wrote is durable.
import { natives } from "../../web/builtins/natives.ts";

const { currentInvocation, storageBarrier } = natives;

/** Handles of the storage that invocations of objects have, once they have used it. */
const storageOf = new Map<InvocationId, () => number>();

/** An object's invocation began; `storage` gives its handle, -1 while it has none. */
export function openGate(invocation: InvocationId, storage: () => number): void {
  storageOf.set(invocation, storage);
}

export function closeGate(invocation: InvocationId): void {
  storageOf.delete(invocation);
}

/** Resolves when the running object's writes so far are durable; rejects when they were lost.
 * Undefined when there is nothing to wait for. */
export function beforeOutput(): Promise<void> | undefined {
  if (storageOf.size === 0) return undefined;
  const handle = storageOf.get(currentInvocation())?.() ?? -1;
  return handle < 0 ? undefined : storageBarrier(handle);
}
