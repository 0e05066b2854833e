// A Durable Object that is awake: its instance, the events that wait for it, its gates.
//
// One event at a time is handed to an object, and only when all microtasks of what came before have
// run: a turn that reads, awaits storage and writes is never interleaved with another. (Storage
// answers within the turn, so "no event while storage works" needs no more than that.) While
// blockConcurrencyWhile() runs, events wait.
import { natives } from "../../web/builtins/natives.ts";
import { closeGate, openGate } from "./gates.ts";
import { DurableObjectStorage, openStorage } from "./object_storage.ts";
import type { DurableObjectId } from "./object_id.ts";

const {
  currentInvocation,
  invocationHold,
  invocationRelease,
  objectEventsPending,
  objectInvocationBegin,
  objectInvocationEnd,
  objectsAwake,
  reportException,
  storageBarrier,
  storageClose,
} = natives;

/** workerd's limit for blockConcurrencyWhile(). */
const BLOCK_TIMEOUT_MS = 30_000;

type Instance = { fetch?: (request: Request) => unknown };
type ObjectClass = new (state: DurableObjectState, env: unknown) => Instance;

interface ObjectEvent {
  description: string;
  run: (instance: Instance) => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

const actors = new Map<string, Actor>();
/** Actors that have an event which could run now. */
let ready: Actor[] = [];
/** The one whose code runs, so that it can be reset when it never comes back. */
let running: Actor | null = null;

function resetError(message: string): Error {
  return Object.assign(new Error(message), { durableObjectReset: true, retryable: true });
}

/** ctx of a Durable Object. */
export class DurableObjectState {
  readonly #actor: Actor;
  readonly id: DurableObjectId;
  readonly storage: DurableObjectStorage;

  constructor(actor: Actor, id: DurableObjectId, storage: DurableObjectStorage) {
    this.#actor = actor;
    this.id = id;
    this.storage = storage;
  }

  /** An object lives on as long as it has something to do; nothing more is needed. */
  waitUntil(promise: unknown): void {
    this.#actor.keepAwake(Promise.resolve(promise));
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    return this.#actor.block(callback);
  }

  abort(reason?: string): never {
    const error = resetError(reason ?? "Application called abort() to reset Durable Object.");
    this.#actor.reset(error);
    throw error;
  }
}

export class Actor {
  readonly #key: string;
  readonly #id: DurableObjectId;
  readonly #namespace: string;
  readonly #class: ObjectClass;
  readonly #env: unknown;
  #instance: Instance | null = null;
  #inbox: ObjectEvent[] = [];
  readonly #inFlight = new Set<ObjectEvent>();
  #blocked = 0;
  #queued = false;
  #handle = -1;
  #broken: Error | null = null;
  #busy = 0;
  #lastUsed = 0;

  constructor(key: string, id: DurableObjectId, namespace: string, objectClass: ObjectClass, env: unknown) {
    this.#key = key;
    this.#id = id;
    this.#namespace = namespace;
    this.#class = objectClass;
    this.#env = env;
  }

  /** Runs `run` as an event of its own; settles as it does, once all that it wrote is durable. */
  enqueue(description: string, run: (instance: Instance) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) return reject(this.#broken);
      this.#inbox.push({ description, run, resolve, reject });
      this.#makeReady();
    });
  }

  #makeReady(): void {
    if (this.#queued || this.#blocked > 0 || this.#inbox.length === 0) return;
    this.#queued = true;
    ready.push(this);
    objectEventsPending();
  }

  /** Takes the next event. Called between turns. */
  runNext(): void {
    this.#queued = false;
    if (this.#blocked > 0 || this.#broken !== null) return;
    const event = this.#inbox.shift();
    if (event === undefined) return;
    this.#lastUsed = Date.now();
    this.#inFlight.add(event);
    ++this.#busy;
    const invocation = objectInvocationBegin(event.description);
    openGate(invocation, () => this.#handle);
    running = this;
    let result: unknown;
    try {
      if (this.#instance === null) {
        this.#construct();
        if (this.#blocked > 0) {
          // The constructor blocks: the event goes back until it is done.
          running = null;
          this.#finish(event, invocation);
          this.#inbox.unshift(event);
          return;
        }
      }
      result = event.run(this.#instance!);
    } catch (error) {
      running = null;
      this.#settle(event, invocation, () => event.reject(error));
      this.#makeReady();
      return;
    }
    running = null;
    if (result instanceof Promise) {
      result.then(
        (value) => this.#settle(event, invocation, () => event.resolve(value)),
        (error: unknown) => this.#settle(event, invocation, () => event.reject(error)),
      );
    } else {
      this.#settle(event, invocation, () => event.resolve(result));
    }
    this.#makeReady();
  }

  #construct(): void {
    const storage = new DurableObjectStorage(
      () => this.#open(),
      (callback) => this.block(callback),
    );
    const state = new DurableObjectState(this, this.#id, storage);
    try {
      this.#instance = new this.#class(state, this.#env);
    } catch (error) {
      this.reset(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #open(): number {
    if (this.#broken !== null) throw this.#broken;
    if (this.#handle < 0) this.#handle = openStorage(this.#namespace, this.#id.toString());
    return this.#handle;
  }

  #finish(event: ObjectEvent, invocation: InvocationId): void {
    this.#inFlight.delete(event);
    --this.#busy;
    closeGate(invocation);
    objectInvocationEnd(invocation);
  }

  /** The output gate: `answer` is given when what was written before it is durable. */
  #settle(event: ObjectEvent, invocation: InvocationId, answer: () => void): void {
    this.#lastUsed = Date.now();
    const barrier = this.#handle < 0 ? undefined : storageBarrier(this.#handle);
    if (barrier === undefined) {
      this.#finish(event, invocation);
      answer();
      return;
    }
    barrier.then(
      () => {
        this.#finish(event, invocation);
        answer();
      },
      (error: Error) => {
        this.#finish(event, invocation);
        this.reset(resetError(error.message));
        event.reject(this.#broken);
      },
    );
  }

  block<T>(callback: () => Promise<T>): Promise<T> {
    ++this.#blocked;
    ++this.#busy;
    // The callback's timers and requests live as long as it does, not as the event that started it.
    const invocation = currentInvocation();
    invocationHold(invocation);
    let timer: unknown;
    const unblock = () => {
      clearTimeout(timer as number);
      invocationRelease(invocation);
      --this.#blocked;
      --this.#busy;
      this.#makeReady();
    };
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new Error(
            "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.",
          ),
        );
      }, BLOCK_TIMEOUT_MS);
    });
    const work = Promise.race([(async () => callback())(), timeout]);
    return work.then(
      (value) => {
        unblock();
        return value;
      },
      (error: unknown) => {
        unblock();
        this.reset(error instanceof Error ? error : new Error(String(error)));
        throw error;
      },
    );
  }

  keepAwake(promise: Promise<unknown>): void {
    ++this.#busy;
    const invocation = currentInvocation();
    invocationHold(invocation);
    const done = () => {
      --this.#busy;
      invocationRelease(invocation);
    };
    promise.then(done, (error: unknown) => {
      reportException(error);
      done();
    });
  }

  /** Ends this instance; whoever waits for it gets `error`. The next request makes a new one. */
  reset(error: Error): void {
    if (this.#broken !== null) return;
    this.#broken = error;
    if (actors.get(this.#key) === this) actors.delete(this.#key);
    for (const event of [...this.#inFlight, ...this.#inbox]) event.reject(error);
    this.#inbox = [];
    this.#close();
  }

  #close(): void {
    if (this.#handle >= 0) storageClose(this.#handle);
    this.#handle = -1;
  }

  /** Lets go of the instance if nothing has happened for so long. True when it is gone. */
  evictIfIdle(before: number): boolean {
    if (this.#busy > 0 || this.#inbox.length > 0 || this.#lastUsed > before) return false;
    actors.delete(this.#key);
    this.#close();
    return true;
  }
}

export function actorOf(
  objectClass: ObjectClass,
  namespace: string,
  id: DurableObjectId,
  env: unknown,
): Actor {
  const key = `${namespace}\n${id.toString()}`;
  let actor = actors.get(key);
  if (actor === undefined) {
    actor = new Actor(key, id, namespace, objectClass, env);
    actors.set(key, actor);
    objectsAwake(actors.size);
  }
  return actor;
}

/** Called by the native side after the microtasks of an event, as long as there are events. */
export function runObjectEvents(): void {
  const batch = ready;
  ready = [];
  for (const actor of batch) actor.runNext();
}

/** Ends all objects (their code was updated), or, without a message, the one that was computing
 * when its time was up. */
export function resetObjects(message: string, onlyRunning: boolean): void {
  const error = resetError(message);
  if (onlyRunning) {
    running?.reset(error);
    running = null;
    return;
  }
  for (const actor of [...actors.values()]) actor.reset(error);
}

/** Lets go of objects that have had nothing to do for `idleMs`. */
export function evictObjects(idleMs: number): void {
  const before = Date.now() - idleMs;
  for (const actor of [...actors.values()]) actor.evictIfIdle(before);
  objectsAwake(actors.size);
}
