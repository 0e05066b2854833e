// Output gates: nothing leaves an object before what it wrote is durable.
import { natives } from "../../web/builtins/natives.ts";

const { outputBarrier } = natives;

/** Resolves when the running object's writes so far are durable; rejects when they were lost.
 * Undefined when there is nothing to wait for. */
export function beforeOutput(): Promise<void> | undefined {
  return outputBarrier();
}
