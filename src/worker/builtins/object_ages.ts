// Objects in memory by when they were last called, so that finding the idle ones costs no more than
// there are of them.

/** An actor, as a link of the list. */
export interface Aged {
  /** When it was last called. */
  lastUsed: number;
  /** When it was last called, or found to have something to do. The list is in this order. */
  lastBusy: number;
  older: Aged | null;
  newer: Aged | null;
}

/** A doubly linked list through the actors. */
export class Ages<T extends Aged> {
  #oldest: T | null = null;
  #newest: T | null = null;

  /** `actor` is called, now. */
  touch(actor: T): void {
    actor.lastUsed = Date.now();
    this.postpone(actor, actor.lastUsed);
  }

  /** It cannot be let go yet: to be looked at after the others. */
  postpone(actor: T, now: number): void {
    actor.lastBusy = now;
    if (this.#newest === actor) return;
    if (actor.newer !== null) this.#unlink(actor);
    actor.older = this.#newest;
    if (this.#newest !== null) this.#newest.newer = actor;
    this.#newest = actor;
    this.#oldest ??= actor;
  }

  remove(actor: T): void {
    if (actor.newer !== null || this.#newest === actor) this.#unlink(actor);
  }

  get oldest(): T | null {
    return this.#oldest;
  }

  #unlink(actor: T): void {
    if (actor.older !== null) actor.older.newer = actor.newer;
    else this.#oldest = actor.newer as T | null;
    if (actor.newer !== null) actor.newer.older = actor.older;
    else this.#newest = actor.older as T | null;
    actor.older = actor.newer = null;
  }
}
