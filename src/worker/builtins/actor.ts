// A Durable Object that is awake: its instance, the events that wait for it, its gates.
//
// It owns one invocation, from its construction to its eviction or reset: timers, requests and
// promises that one event leaves behind go on beside the next ones. One event at a time is handed to
// it, and only when all microtasks of what came before have run: a turn that reads, awaits storage
// and writes is never interleaved with another. (Storage answers within the turn, so "no event while
// storage works" needs no more than that.) While a critical section is open, events wait.
import { rpc } from "./groups.ts";
import { currentFrame, enterFrame } from "../../web/builtins/async_context.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument } from "../../web/builtins/webidl.ts";
import { carry, type CarriedStream } from "./carried_stream.ts";
import { InputGate, type Section } from "./input_gate.ts";
import type { Aged } from "./object_ages.ts";
import { BLOCK_TIMEOUT_MESSAGE, EVICTION_MESSAGE, markedError, markReset, OVERLOAD_MESSAGE } from "./object_errors.ts";
import { type DurableObjectId, idWithin } from "./object_id.ts";
import { DurableObjectState } from "./object_state.ts";
import { DurableObjectStorage, openStorage } from "./object_storage.ts";
import { objectsInMemory } from "./object_table.ts";
export { actorOf } from "./object_table.ts";
import { awaitTurn, type Runnable } from "./object_turns.ts";
import { sockets } from "./groups.ts";
import { recordEvent, recordEventEnd } from "./recorded_event.ts";
import type { ObjectSockets, SocketActor, SocketHandlers } from "./object_sockets.ts";
import { worker } from "./state.ts";

const {
  currentInvocation,
  currentSection,
  objectAbort,
  objectActivity,
  objectBegin,
  objectEnd,
  objectEnter,
  objectEnterSection,
  objectSocketsDrop,
  objectStorage,
  reportException,
  storageBarrier,
  storageBringBack,
  storageClose,
  storageExpectUse,
} = natives;

/** Events that may wait for one object. */
const MOST_QUEUED = 10_000;

/** What the code of an evicted object is told, should any of it be left. */
const evictionError = markedError(EVICTION_MESSAGE, { retryable: true, durableObjectReset: true });

export type Instance = SocketHandlers & { fetch?: (request: Request) => unknown };
export type ObjectClass = new (state: DurableObjectState, env: unknown) => Instance;

interface ObjectEvent {
  description: string;
  subject: unknown;
  /** Number of its record, 0 when nobody listens. */
  record: number;
  /** What it comes from, for its trace: an invocation, or a number that records keep. */
  caller: number;
  run: (instance: Instance) => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export class Actor implements Aged, Runnable, SocketActor {
  readonly #id: DurableObjectId;
  readonly #namespace: string;
  readonly #class: ObjectClass;
  readonly #env: unknown;
  #invocation: InvocationId = 0;
  #instance: Instance | null = null;
  #gate: InputGate | null = null;
  #inbox: ObjectEvent[] = [];
  /** Handed over, not answered yet. */
  #inFlight: ObjectEvent[] = [];
  /** Its answers' bodies that are still being read. */
  #streams: Set<CarriedStream> | null = null;
  #sockets: ObjectSockets | null = null;
  /** Handed to waitUntil(), not settled yet. */
  #pending = 0;
  #queued = false;
  #handle = -1;
  /** Whether its storage is as it is to be when it starts: an earlier state may be due. */
  #storageReady: boolean | "soon" = false;
  #broken: Error | null = null;
  lastUsed = 0;
  lastBusy = 0;
  /** It has left memory in peace: calls go to another instance. */
  evicted = false;
  older: Aged | null = null;
  newer: Aged | null = null;

  constructor(namespace: string, id: DurableObjectId, objectClass: ObjectClass, env: unknown) {
    this.#id = id;
    this.#namespace = namespace;
    this.#class = objectClass;
    this.#env = env;
  }

  get id(): DurableObjectId {
    return this.#id;
  }

  get namespace(): string {
    return this.#namespace;
  }

  /** 0 before the object is constructed. */
  get invocation(): InvocationId {
    return this.#invocation;
  }

  /** Why it is no more, if so. */
  get broken(): Error | null {
    return this.#broken;
  }

  /** Runs `run` as an event of its own; settles as it does, once all that it wrote is durable. The
   * one way in, for events of every kind. `from`: what it comes from, instead of the running invocation. */
  enqueue(
    description: string, subject: unknown, run: (instance: Instance) => unknown, from?: number,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) return reject(this.#broken);
      if (this.#inbox.length >= MOST_QUEUED) {
        return reject(markedError(OVERLOAD_MESSAGE, { overloaded: true, remote: true }));
      }
      const invocation = currentInvocation();
      const event: ObjectEvent = { description, subject, record: 0, caller: from ?? invocation, run, resolve, reject };
      const caller = objectsInMemory.ofInvocation(invocation);
      if (caller !== undefined) caller.#receiveAnswer(event, currentSection());
      this.#inbox.push(event);
      this.#makeReady();
    });
  }

  /** The caller is an object: its gate holds for the answer as well. */
  #receiveAnswer(event: ObjectEvent, section: number): void {
    const { resolve, reject } = event;
    event.resolve = (value) => this.receive(section, () => resolve(value));
    event.reject = (error) => this.receive(section, () => reject(error));
  }

  /** Delivers what code of `section` waits for, when the gate lets it in. */
  receive(section: number, deliver: () => void): void {
    if (this.#broken !== null) return;
    if (this.#gate === null) deliver();
    else this.#gate.receive(section, deliver);
  }

  #makeReady(): void {
    if (this.#queued) return;
    const gate = this.#gate;
    if (gate !== null && !gate.idle ? !gate.pending : this.#inbox.length === 0) return;
    this.#queued = true;
    awaitTurn(this);
    if (this.#handle >= 0) storageExpectUse(this.#handle);
  }

  /** Takes the next event, or opens the next critical section. Called between turns. */
  runNext(): void {
    this.#queued = false;
    if (this.#broken !== null) return;
    if (this.#gate?.pending) {
      this.#gate.open().run();
      return;
    }
    if (this.#gate !== null && !this.#gate.idle) return;
    if (this.#instance === null) {
      if (!this.#prepareStorage()) return;
      this.#construct();
      this.#makeReady();
      return;
    }
    const event = this.#inbox.shift();
    if (event === undefined) return;
    objectsInMemory.touch(this);
    this.#inFlight.push(event);
    if (objectEnter(this.#invocation)) {
      event.record = recordEvent(this.#invocation, this.#id.toString(), event.description, event.subject, event.caller);
    }
    event.subject = undefined;
    let result: unknown;
    try {
      result = event.run(this.#instance);
    } catch (error) {
      this.#settle(event, false, error);
      this.#makeReady();
      return;
    }
    if (result instanceof Promise) {
      result.then(
        (value) => this.#settle(event, true, value),
        (error: unknown) => this.#settle(event, false, error),
      );
    } else {
      this.#settle(event, true, result);
    }
    this.#makeReady();
  }

  /** False: it goes back to an earlier state first, away from the loop, and events wait. */
  #prepareStorage(): boolean {
    if (this.#storageReady === "soon") return false;
    if (this.#storageReady) return true;
    const restored = storageBringBack(this.#namespace, this.#id.toString());
    this.#storageReady = restored === undefined ? true : "soon";
    restored?.then(
      () => {
        this.#storageReady = true;
        this.#makeReady();
      },
      (error: Error) => this.reset(markReset(error)),
    );
    return restored === undefined;
  }

  #construct(): void {
    this.#invocation = objectBegin(this.#class.name);
    if (this.#invocation === 0) {
      this.reset(markedError("Too many Durable Objects in memory.", { overloaded: true }));
      return;
    }
    objectsInMemory.begin(this);
    if (this.#sockets !== null) this.#sockets.begin();
    objectEnter(this.#invocation, true);
    const storage = new DurableObjectStorage(
      () => this.#open(),
      (callback) => this.block(callback),
      { name: this.#id.name, hasAlarmHandler: () => this.#hasAlarmHandler() },
    );
    const state = new DurableObjectState(this, idWithin(this.#id), storage);
    try {
      this.#instance = new this.#class(state, this.#env);
    } catch (error) {
      this.reset(markReset(error));
    }
  }

  /** What is being constructed may turn out to have one. */
  #hasAlarmHandler(): boolean {
    const instance = this.#instance as { alarm?: unknown } | null;
    return instance === null || typeof instance.alarm === "function";
  }

  /** Of its storage, opened if need be. */
  storageHandle(): number {
    return this.#open();
  }

  #open(): number {
    if (this.#broken !== null) throw this.#broken;
    if (this.#handle < 0) {
      this.#handle = openStorage(this.#namespace, this.#id.toString());
      objectStorage(this.#invocation, this.#handle);
    }
    return this.#handle;
  }

  /** The output gate: the answer is given when what was written before it is durable. */
  #settle(event: ObjectEvent, succeeded: boolean, value: unknown): void {
    if (this.#broken !== null) return; // it has been answered
    const barrier = this.#handle < 0 ? undefined : storageBarrier(this.#handle, false);
    if (barrier === undefined) {
      this.#answer(event, succeeded, value);
      return;
    }
    barrier.then(
      () => this.#answer(event, succeeded, value),
      (error: Error) => this.reset(markReset(error)),
    );
  }

  #answer(event: ObjectEvent, succeeded: boolean, value: unknown): void {
    const at = this.#inFlight.indexOf(event);
    if (at < 0) return;
    this.#inFlight.splice(at, 1);
    objectsInMemory.touch(this);
    if (event.record !== 0) recordEventEnd(this.#invocation, event.record, succeeded, value);
    if (succeeded) event.resolve(value);
    else event.reject(value);
  }

  /** Runs `callback` alone: no event that did not begin in it is delivered before it has settled. */
  block<T>(callback: () => Promise<T>): Promise<T> {
    if (typeof callback !== "function") {
      throw badArgument("blockConcurrencyWhile", "DurableObjectState", 1, "function");
    }
    this.#gate ??= new InputGate(this.#invocation);
    const gate = this.#gate;
    const frame = currentFrame();
    return new Promise<T>((resolve, reject) => {
      const section: Section | null = gate.request(currentSection(), () => {
        objectEnterSection(this.#invocation, section!.id);
        if (frame !== null) enterFrame(frame);
        objectsInMemory.watch(this);
        let work: Promise<T>;
        try {
          work = Promise.resolve(callback());
        } catch (error) {
          this.reset(markReset(error));
          return;
        }
        this.#makeReady();
        work.then(
          (value) => {
            if (this.#broken !== null) return;
            gate.close(section!);
            if (gate.idle) objectsInMemory.unwatch(this);
            this.#makeReady();
            resolve(value);
          },
          // Whoever waits for the section never hears of it: the object is no more.
          (error: unknown) => this.reset(markReset(error)),
        );
      });
      if (section === null) {
        reject(new Error("blockConcurrencyWhile() calls are nested too deeply."));
        return;
      }
      this.#makeReady();
    });
  }

  /** A critical section that has taken too long ends the object. */
  endSlowSection(openedBefore: number): void {
    if ((this.#gate?.since ?? Infinity) > openedBefore) return;
    this.reset(markedError(BLOCK_TIMEOUT_MESSAGE, { overloaded: true, durableObjectReset: true }));
  }

  /** A stream that it produces, for somebody else to read. */
  carry(source: ReadableStream): ReadableStream {
    const streams = (this.#streams ??= new Set());
    const carried = carry(source, () => streams.delete(carried));
    streams.add(carried);
    return carried.stream;
  }

  keepAwake(promise: Promise<unknown>): void {
    ++this.#pending;
    const done = () => --this.#pending;
    promise.then(done, (error: unknown) => {
      reportException(error);
      done();
    });
  }

  /** Does not return when the code that calls it is the object's own. */
  abort(reason: string): Error {
    if (this.#broken === null && this.#invocation !== 0 && currentInvocation() === this.#invocation) {
      objectAbort(this.#invocation, this.#handle, reason);
    }
    const error = markedError(reason, { durableObjectReset: true });
    this.reset(error);
    return error;
  }

  /** Ends this instance; whoever waits for it gets `error`. The next call makes a new one. */
  reset(error: Error): void {
    if (this.#broken !== null) return;
    this.#broken = error;
    const waiting = [...this.#inFlight, ...this.#inbox];
    this.#inFlight = [];
    this.#inbox = [];
    for (const event of waiting) event.reject(error);
    if (this.#invocation !== 0) rpc.loaded?.endSessions(this.#invocation, error);
    for (const carried of this.#streams ?? []) carried.fail(error);
    if (this.#sockets !== null) this.#sockets.drop();
    else objectSocketsDrop(this.className, this.#id.toString(), this.#invocation);
    this.#end(error.message, true);
  }

  /** Lets go of everything. */
  #end(reason: string, discard: boolean): void {
    objectsInMemory.end(this);
    if (this.#handle >= 0) storageClose(this.#handle, discard);
    this.#handle = -1;
    if (this.#invocation !== 0) objectEnd(this.#invocation, reason);
    this.#invocation = 0;
    this.#instance = null;
  }

  // --- Its WebSockets --------------------------------------------------------------------------

  get sockets(): ObjectSockets {
    return (this.#sockets ??= new (sockets.load().ObjectSockets)(this));
  }

  get className(): string {
    return this.#namespace.slice(worker.name.length + 1);
  }

  get openStorageHandle(): number {
    return this.#handle;
  }

  /** A message of one of its sockets is being delivered to its invocation: the instance, if that can
   * have it at once. Then finishMessage() follows. */
  startMessage(): SocketHandlers | null {
    if (this.#broken !== null || this.#inbox.length > 0) return null;
    return this.#gate === null || this.#gate.idle ? this.#instance : null;
  }

  finishMessage(): void {
    if (this.#broken === null) objectsInMemory.touch(this);
  }

  /** Whether it can leave memory; `patient`: even though timers run, or something is waited for. */
  canLeave(patient: boolean): boolean {
    if (this.#inFlight.length > 0 || this.#inbox.length > 0 || this.#streams?.size) return false;
    if (this.#gate !== null && !this.#gate.idle) return false;
    if (this.#sockets !== null && this.#sockets.inUse > 0) return false;
    const activity = objectActivity(this.#invocation);
    return activity === 0 ? this.#pending === 0 || patient : activity === 1 && patient;
  }

  evict(): void {
    this.evicted = true;
    this.#broken = evictionError;
    if (this.#sockets !== null) this.#sockets.hibernate();
    this.#end(EVICTION_MESSAGE, false);
  }
}
