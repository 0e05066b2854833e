// Whose turn it is: the objects of the isolate that have an event which could run now.
import { natives } from "../../web/builtins/natives.ts";

const { objectEventsPending } = natives;

export interface Runnable {
  runNext(): void;
}

let ready: Runnable[] = [];
let next = 0;

/** `actor` has something to run. Once for each of its turns. */
export function awaitTurn(actor: Runnable): void {
  if (next === ready.length) {
    ready = [];
    next = 0;
    objectEventsPending();
  }
  ready.push(actor);
}

/** Called by the native side, between two turns, as long as there are events. */
export function runObjectEvents(): void {
  const actor = ready[next++];
  if (actor === undefined) return;
  ready[next - 1] = undefined!;
  if (next < ready.length) objectEventsPending();
  actor.runNext();
}
