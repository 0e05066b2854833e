// The Durable Objects of this isolate that are in memory.
import { natives } from "../../web/builtins/natives.ts";
import { sweepTimers } from "../../web/builtins/index.ts";
import { Actor, type ObjectClass } from "./actor.ts";
import { Ages } from "./object_ages.ts";
import { markedError } from "./object_errors.ts";
import type { DurableObjectId } from "./object_id.ts";

const { currentInvocation, objectsEvicted } = natives;

/** An object that waits for something, and which nobody calls, leaves memory after so many times the
 * idle time: 70 s of 10 s, as on Cloudflare. */
const PATIENCE = 7;

/** So many objects that left memory are worth collecting, once no others leave; */
const MANY = 1000;
/** so many at any time. */
const TOO_MANY = 25_000;
/** Those that left since. */
let uncollected = 0;

/** By namespace, then by id. */
const actors = new Map<string, Map<string, Actor>>();
const byInvocation = new Map<InvocationId, Actor>();
const ages = new Ages<Actor>();
/** Those with an open critical section. */
const watched = new Set<Actor>();

/** What an actor tells of itself. */
export const objectsInMemory = {
  begin(actor: Actor): void {
    byInvocation.set(actor.invocation, actor);
    ages.touch(actor);
  },
  touch(actor: Actor): void {
    ages.touch(actor);
  },
  watch(actor: Actor): void {
    watched.add(actor);
  },
  unwatch(actor: Actor): void {
    watched.delete(actor);
  },
  end(actor: Actor): void {
    const ofNamespace = actors.get(actor.namespace);
    const id = actor.id.toString();
    if (ofNamespace?.get(id) === actor) {
      ofNamespace.delete(id);
      if (ofNamespace.size === 0) actors.delete(actor.namespace);
    }
    byInvocation.delete(actor.invocation);
    ages.remove(actor);
    watched.delete(actor);
  },
  /** The object whose invocation this is. */
  ofInvocation(invocation: InvocationId): Actor | undefined {
    return byInvocation.size === 0 ? undefined : byInvocation.get(invocation);
  },
};

/** The object whose code runs, if any. */
export function runningObject(): Actor | undefined {
  return objectsInMemory.ofInvocation(currentInvocation());
}

/** The object with this id, constructed by its first event. */
export function actorOf(
  objectClass: ObjectClass,
  namespace: string,
  id: DurableObjectId,
  env: unknown,
): Actor {
  let ofNamespace = actors.get(namespace);
  if (ofNamespace === undefined) actors.set(namespace, (ofNamespace = new Map()));
  const key = id.toString();
  let actor = ofNamespace.get(key);
  if (actor === undefined) {
    actor = new Actor(namespace, id, objectClass, env);
    ofNamespace.set(key, actor);
  }
  return actor;
}

/** Called by the native side: the object's script was stopped. */
export function resetObject(invocation: InvocationId, message: string, overloaded: boolean): void {
  const marks = overloaded ? { durableObjectReset: true, overloaded } : { durableObjectReset: true };
  byInvocation.get(invocation)?.reset(markedError(message, marks));
}

/** Called by the native side: the objects' code was replaced. */
export function endObjects(message: string): void {
  for (const actor of [...byInvocation.values()]) {
    actor.reset(markedError(message, { retryable: true, durableObjectReset: true }));
  }
}

/** Called by the native side every now and then: lets go of objects that have had nothing to do for
 * `idleMs`, and ends critical sections that take longer than `blockLimitMs`. */
export function evictObjects(idleMs: number, blockLimitMs: number): void {
  const now = Date.now();
  for (const actor of [...watched]) actor.endSlowSection(now - blockLimitMs);
  let evicted = 0;
  for (let actor = ages.oldest; actor !== null; actor = ages.oldest) {
    if (actor.lastBusy > now - idleMs) break;
    if (!actor.canLeave(actor.lastUsed <= now - PATIENCE * idleMs)) {
      ages.postpone(actor, now);
      continue;
    }
    actor.evict();
    ++evicted;
  }
  if (evicted > 0) sweepTimers();
  uncollected += evicted;
  const over = evicted === 0 || ages.oldest === null;
  if (uncollected < (over ? MANY : TOO_MANY)) return;
  uncollected = 0;
  objectsEvicted();
}
