// An RPC session: two ends that call each other's objects, in the manner of Cap'n Proto.
//
// Messages are a header, a JSON array, and at times a value with its streams:
//   ["call", id, target, path, isCall, table]   calls, or gets, what is at `path` of the target:
//                                               0 what the session was opened for, n the receiver's
//                                               export n, -n the result of the receiver's call n
//   ["return", id, hasDisposer, table]          the result
//   ["throw", id, table]                        [error]
//   ["finish", id]                              nothing will be called on that result any more
//   ["release", n]                              the stub of the receiver's export n is gone
//   ["close", reason?]                          this end is gone; written by the native side as well
// `table` says of each attachment of the value what it is: n the sender's export n, -n the receiver's
// own export n come back, ["s", i] the message's stream i.
//
// An end belongs to an invocation, or to an object, and ends with it. What has been exported keeps
// the callee's invocation going; the end that opened the session closes it when neither end has
// anything left of the other.
import { natives } from "../../web/builtins/natives.ts";
import { streams as streamGroup } from "../../web/builtins/index.ts";
import { beforeOutput } from "./gates.ts";
import { objects } from "./groups.ts";
import { lookUp, type Receiver, reservedNames, withEnvironment } from "./rpc_lookup.ts";
import { receiveWritable, type Shipment, shipReadable, shipWritable } from "./rpc_streams.ts";
import { closeError, describeError, plainError, remote } from "./rpc_errors.ts";
import {
  BrokenCapability,
  type Capability,
  disposeOf,
  isRpcTarget,
  isStub,
  makeStub,
  type Outcome,
  stubCapability,
  takesCalls,
} from "./rpc_stubs.ts";
import { type Attached, type Attachment, pack, type Packed, stubKind, unpack } from "./rpc_values.ts";

const {
  currentInvocation,
  currentSection,
  invocationHold,
  invocationRelease,
  objectEnter,
  objectEnterSection,
  reportException,
  rpcAdopt,
  rpcClose,
  rpcPair,
  rpcSend,
} = natives;

const notRunning = "The execution context which hosts this callback is no longer running.";

type TableEntry = number | ["s", number];

/** A value as it came in; unpacked once, where it is used. */
interface Parcel {
  payload: ArrayBuffer | undefined;
  table: TableEntry[];
  streams: number[];
}

/** Calls `deliver` when the input gate of the object whose invocation this is, if it is one's, lets
 * in what belongs to `section`. */
function whenAdmitted(invocation: InvocationId, section: number, deliver: () => void): void {
  const object = objects.loaded?.objectsInMemory.ofInvocation(invocation);
  if (object === undefined) deliver();
  else object.receive(section, deliver);
}

/** A call begins: of the object whose invocation this is, if it is one's. */
function enter(invocation: InvocationId, section: number): void {
  const { objectsInMemory } = objects.loaded ?? {};
  const object = objectsInMemory?.ofInvocation(invocation);
  if (object === undefined) return;
  objectsInMemory!.touch(object);
  if (section === 0) objectEnter(invocation);
  else objectEnterSection(invocation, section);
}

/** An object of ours that others have stubs of. Disposed of when the last of them is gone. */
class Target {
  #shares = 1;
  readonly object: object;
  readonly plain: boolean;
  /** The critical section of an object that it comes from: calls of it run in that section. */
  readonly section = currentSection();
  readonly #dispose: ((this: object) => void) | null;

  constructor(object: object, plain: boolean, owned: boolean) {
    this.object = object;
    this.plain = plain;
    const dispose = owned ? (object as { [Symbol.dispose]?: unknown })[Symbol.dispose] : null;
    this.#dispose = typeof dispose === "function" ? (dispose as () => void) : null;
  }
  share(): Target {
    ++this.#shares;
    return this;
  }
  release(): void {
    if (--this.#shares > 0 || this.#dispose === null) return;
    try {
      Reflect.apply(this.#dispose, this.object, []);
    } catch (error) {
      reportException(error);
    }
  }
}

interface Reply extends Parcel {
  failed: boolean;
  hasDisposer: boolean;
}

interface Question {
  asker: InvocationId;
  /** The critical section of an object that it was asked in. */
  section: number;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
}

/** A call that came in, until its caller is finished with it. */
class Answer {
  /** What calls on the result go to; null while there is none. */
  receiver: Receiver | null = null;
  failure: { error: unknown } | null = null;
  waiting: (() => void)[] = [];
  /** Run when the caller is finished. */
  disposers: (() => void)[] = [];
  finished = false;

  settled(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resume of waiting) resume();
  }
  finish(): void {
    this.finished = true;
    const { disposers } = this;
    this.disposers = [];
    for (const dispose of disposers) {
      try {
        dispose();
      } catch (error) {
        reportException(error);
      }
    }
  }
}

function disposeAll(stubs: object[]): void {
  for (const stub of stubs.splice(0)) disposeOf(stub);
}

/** Those that are open, by port. */
const ends = new Map<number, End>();
/** The session of an invocation with itself, for stubs of its own objects. */
const ownSessions = new Map<InvocationId, [opener: End, other: End]>();

export class End {
  /** 0 while it waits for its object. */
  owner: InvocationId;
  /** The other end of a session with oneself. */
  partner: End | null = null;
  #port = -1;
  /** It opened the session. */
  readonly #opener: boolean;
  /** It keeps its invocation going. */
  readonly #holds: boolean;
  #holding: boolean;
  #broken: { error: unknown } | null = null;
  #lastQuestion = 0;
  #lastExport = 0;
  readonly #questions = new Map<number, Question>();
  /** Calls whose result may still be called. */
  readonly #unfinished = new Set<number>();
  readonly #answers = new Map<number, Answer>();
  readonly #exports = new Map<number, Target>();
  /** How many stubs here each of the peer's exports has. */
  readonly #imports = new Map<number, number>();
  /** Messages that wait for an output gate. */
  #queue: Promise<void> | null = null;
  #queued = 0;

  /** `role`: it opens the session; or it accepts it, for an invocation that was begun (and is held)
   * for it or for an object; or it is one of both ends of an invocation's session with itself. */
  constructor(owner: InvocationId, role: "opener" | "entrypoint" | "object" | "own") {
    this.owner = owner;
    this.#opener = role === "opener";
    this.#holds = role === "entrypoint" || role === "object";
    this.#holding = role === "entrypoint";
  }

  bind(port: number): void {
    this.#port = port;
    ends.set(port, this);
  }

  // --- Sending ---------------------------------------------------------------------------------

  /** Exports and locks what `packed` brings along. */
  #load(attachments: Attachment[]): { table: TableEntry[]; shipments: Shipment[] } {
    const table: TableEntry[] = [];
    const shipments: Shipment[] = [];
    const ship = (shipment: Shipment) => {
      table.push(["s", shipments.push(shipment) - 1]);
    };
    for (const attachment of attachments) {
      switch (attachment.kind) {
        case "target":
          table.push(this.#export(new Target(attachment.object, attachment.plain, true)));
          break;
        case "stub": {
          const { capability } = attachment;
          if (capability instanceof ImportCapability && capability.end === this) {
            table.push(-capability.id);
            break;
          }
          const own = capability instanceof ImportCapability ? capability.ownTarget() : undefined;
          table.push(
            this.#export(own?.share() ?? new Target(makeStub(capability.dup()), false, true)),
          );
          break;
        }
        case "readable":
          ship(shipReadable(attachment.stream));
          break;
        case "body":
          ship({ source: attachment.source });
          break;
        case "writable":
          ship(shipWritable(attachment.stream));
          break;
      }
    }
    return { table, shipments };
  }

  #export(target: Target): number {
    const id = ++this.#lastExport;
    this.#exports.set(id, target);
    this.#updateHold();
    return id;
  }

  #transmit(header: unknown[], payload: ArrayBuffer | undefined, shipments: Shipment[]): void {
    if (this.#broken !== null) return;
    const numbers = rpcSend(this.#port, JSON.stringify(header), payload, sourcesOf(shipments));
    this.#start(shipments, numbers);
  }

  /** Streams have been sent under these numbers: pumps what the script writes. */
  #start(shipments: Shipment[], numbers: number[] | undefined): void {
    shipments.forEach(({ start }, index) => {
      if (start === undefined) return;
      const { owner } = this;
      if (this.#holds) invocationHold(owner);
      void start(numbers![index]!).finally(() => {
        if (this.#holds) invocationRelease(owner);
      });
    });
  }

  /** Sends in order; when `gated`, not before what was written so far is durable. */
  #send(header: unknown[], payload?: ArrayBuffer, shipments: Shipment[] = [], gated = false): void {
    const gate = gated ? beforeOutput() : undefined;
    if (gate === undefined && this.#queue === null) this.#transmit(header, payload, shipments);
    else this.#enqueue(gate, () => this.#transmit(header, payload, shipments));
  }

  #enqueue(gate: Promise<void> | undefined, send: () => void): void {
    ++this.#queued;
    this.#queue = (this.#queue ?? Promise.resolve()).then(async () => {
      try {
        await gate;
        if (this.#broken === null) send();
      } catch (error) {
        this.fail(error);
      }
      if (--this.#queued === 0) {
        this.#queue = null;
        this.#closeIfDone();
      }
    });
  }

  /** Opens the session with its first call, which `open` sends. */
  openWith(path: string[], args: unknown[] | null, open: OpenSession): Outcome {
    const packed = args === null || args.length === 0 ? null : pack(args, true);
    const { table, shipments } = packed === null ? noLoad : this.#load(packed.attachments);
    const [id, outcome] = this.#ask();
    const header = JSON.stringify(["call", id, 0, path, args === null ? 0 : 1, table]);
    const go = () => {
      const bind = (port: number) => this.bind(port);
      this.#start(shipments, open(header, packed?.bytes, sourcesOf(shipments), bind));
    };
    const gate = beforeOutput();
    if (gate === undefined) go();
    else this.#enqueue(gate, go);
    return outcome;
  }

  /** Calls what `target` names, at the other end. */
  call(target: number, path: string[], args: unknown[] | null): Outcome {
    if (this.#broken !== null) throw this.#broken.error;
    const packed = args === null || args.length === 0 ? null : pack(args, true);
    const { table, shipments } = packed === null ? noLoad : this.#load(packed.attachments);
    const [id, outcome] = this.#ask();
    this.#send(["call", id, target, path, args === null ? 0 : 1, table], packed?.bytes, shipments, true);
    return outcome;
  }

  /** A question to be sent, and what it will give. */
  #ask(): [number, Outcome] {
    const id = ++this.#lastQuestion;
    this.#unfinished.add(id);
    const pipeline = new AnswerCapability(this, id);
    const reply = new Promise<Reply>((resolve, reject) => {
      const asker = currentInvocation();
      this.#questions.set(id, { asker, section: currentSection(), resolve, reject });
    });
    const receive = (message: Reply): unknown => this.#result(id, message, pipeline, receive);
    const promise = reply.then(receive, (error: unknown) => {
      pipeline.failure = { error };
      throw error;
    });
    return [id, { promise, pipeline }];
  }

  /** What a call gave, as its caller sees it. */
  #result(
    id: number, reply: Reply, pipeline: AnswerCapability, receive: (message: Reply) => unknown,
  ): unknown {
    let stubs: object[];
    let value: unknown;
    try {
      [value, stubs] = this.#unpack(reply);
      if (reply.failed) throw remote((value as [unknown])[0], receive as () => void);
    } catch (error) {
      pipeline.failure = { error };
      this.finish(id);
      throw error;
    }
    const isObject = (typeof value === "object" || typeof value === "function") && value !== null;
    if (!isObject || isStub(value as object)) {
      this.finish(id);
      return value;
    }
    if (!reply.hasDisposer) this.finish(id);
    let disposed = false;
    Object.defineProperty(value, Symbol.dispose, {
      value: () => {
        if (disposed) return;
        disposed = true;
        for (const stub of stubs) disposeOf(stub);
        if (reply.hasDisposer) this.finish(id);
      },
      configurable: true,
      writable: true,
    });
    return value;
  }

  export(target: Target): number {
    return this.#export(target);
  }

  finish(id: number): void {
    if (!this.#unfinished.delete(id) || this.#broken !== null) return;
    this.#send(["finish", id]);
    this.#closeIfDone();
  }

  // --- What we have of the other end's ------------------------------------------------------------

  addImport(id: number): void {
    this.#imports.set(id, (this.#imports.get(id) ?? 0) + 1);
  }

  releaseImport(id: number): void {
    const stubs = this.#imports.get(id);
    if (stubs === undefined) return;
    if (stubs > 1) {
      this.#imports.set(id, stubs - 1);
      return;
    }
    this.#imports.delete(id);
    this.#send(["release", id]);
    this.#closeIfDone();
  }

  exported(id: number): Target | undefined {
    return this.#exports.get(id);
  }

  #unpack(parcel: Parcel): [unknown, object[]] {
    if (parcel.payload === undefined) return [undefined, []];
    const { table, streams } = parcel;
    const stream = (index: number) => streams[(table[index] as ["s", number])[1]]!;
    const attached: Attached = {
      stubs: [],
      capability: (index) => {
        const id = table[index] as number;
        if (id > 0) return new ImportCapability(this, id);
        const target = this.#exports.get(-id);
        if (target === undefined) return new BrokenCapability(new Error(notRunning));
        return ownCapability(this.owner, target.share());
      },
      readable: (index) => streamGroup.load().streamOfNative(stream(index)),
      writable: (index) => receiveWritable(stream(index)),
    };
    return [unpack(parcel.payload, attached), attached.stubs];
  }

  // --- Answering ----------------------------------------------------------------------------------

  receive(header: string, payload: ArrayBuffer | undefined, streams: number[]): void {
    const message = JSON.parse(header) as unknown[];
    const id = message[1] as number;
    switch (message[0]) {
      case "call": {
        const [, , target, path, isCall, table] = message as
          [string, number, number, string[], number, TableEntry[]];
        this.#dispatch(this.begin(id), id, target, path, isCall === 1, { payload, table, streams });
        break;
      }
      case "return":
      case "throw": {
        const failed = message[0] === "throw";
        const table = (failed ? message[2] : message[3]) as TableEntry[];
        const hasDisposer = !failed && message[2] === 1;
        const question = this.#questions.get(id);
        this.#questions.delete(id);
        if (question === undefined) break;
        const reply = { failed, hasDisposer, payload, table, streams };
        whenAdmitted(question.asker, question.section, () => question.resolve(reply));
        break;
      }
      case "finish": {
        const answer = this.#answers.get(id);
        this.#answers.delete(id);
        answer?.finish();
        this.#updateHold();
        this.#closeIfDone();
        break;
      }
      case "release": {
        const target = this.#exports.get(id);
        this.#exports.delete(id);
        target?.release();
        this.#updateHold();
        this.#closeIfDone();
        break;
      }
      case "close":
        this.closed(closeError(message[1] as string | undefined));
        break;
    }
  }

  begin(id: number): Answer {
    const answer = new Answer();
    this.#answers.set(id, answer);
    this.#updateHold();
    return answer;
  }

  #dispatch(
    answer: Answer, id: number, target: number, path: string[], isCall: boolean, parcel: Parcel,
  ): void {
    if (target > 0) {
      const exported = this.#exports.get(target);
      if (exported === undefined) {
        this.refuse(answer, id, new Error(notRunning));
        return;
      }
      const { object, plain, section } = exported;
      const receiver = { object, plain, reserved: reservedNames };
      whenAdmitted(this.owner, section, () => {
        enter(this.owner, section);
        void this.perform(answer, id, receiver, path, isCall, parcel);
      });
      return;
    }
    const previous = this.#answers.get(-target);
    if (previous === undefined) {
      this.refuse(answer, id, new Error(notRunning));
      return;
    }
    const go = () => {
      if (previous.failure !== null) this.refuse(answer, id, previous.failure.error);
      else void this.perform(answer, id, previous.receiver!, path, isCall, parcel);
    };
    if (previous.receiver === null && previous.failure === null) {
      previous.waiting.push(go);
      return;
    }
    // The message may have set out before the session had its object.
    enter(this.owner, 0);
    go();
  }

  /** Answers a call: `receiver` is what it is made on. Never rejects. */
  async perform(
    answer: Answer, id: number, receiver: Receiver, path: string[], isCall: boolean, parcel: Parcel,
  ): Promise<void> {
    let stubs: object[] = [];
    try {
      const { value, self } = lookUp(receiver, path);
      let result: unknown = value;
      if (isCall) {
        const name = path.length === 0 ? "(this)" : path.join(".");
        if (typeof value !== "function") throw new TypeError(`"${name}" is not a function.`);
        let args: unknown;
        [args, stubs] = this.#unpack(parcel);
        let list = (args as unknown[] | undefined) ?? [];
        if (receiver.environment !== undefined) {
          list = withEnvironment(name, value as () => unknown, list, receiver.environment);
        }
        result = Reflect.apply(value, self, list) as unknown;
      }
      this.#return(answer, id, await result, () => disposeAll(stubs));
    } catch (error) {
      this.refuse(answer, id, error);
    }
    disposeAll(stubs);
  }

  /** `release` lets go of what the call brought along: its callee has done so before it answers,
   * unless the answer carries stubs, which may be of the same. */
  #return(answer: Answer, id: number, result: unknown, release: () => void): void {
    if (answer.failure !== null) return; // its object was reset meanwhile
    const isObject = (typeof result === "object" || typeof result === "function") && result !== null;
    const isPlain = isObject && Object.getPrototypeOf(result) === Object.prototype;
    let dispose: unknown;
    if (isPlain) {
      // The caller's copy gets a disposer of its own.
      dispose = (result as { [Symbol.dispose]?: unknown })[Symbol.dispose];
      delete (result as { [Symbol.dispose]?: unknown })[Symbol.dispose];
    }
    const hasDisposer = typeof dispose === "function";
    const packed = pack(result, false);
    const { table, shipments } = this.#load(packed.attachments);
    if (this.#broken !== null) this.#dropExports();
    for (const attachment of packed.attachments) {
      // Returned stubs are given away.
      if (attachment.kind === "stub") answer.disposers.push(() => disposeOf(attachment.stub));
    }
    if (hasDisposer) {
      answer.disposers.push(() => Reflect.apply(dispose as () => void, result, []) as void);
    }
    if (answer.finished) answer.finish();
    if (packed.attachments.length === 0) release();
    this.#send(["return", id, hasDisposer ? 1 : 0, table], packed.bytes, shipments, true);
    answer.receiver = receiverOf(result, isObject, isPlain);
    answer.settled();
  }

  /** The call failed. */
  refuse(answer: Answer, id: number, error: unknown): void {
    if (answer.receiver !== null || answer.failure !== null) return;
    answer.failure = { error };
    let packed: Packed;
    try {
      packed = pack([typeof error === "object" && error !== null ? error : plainError(error)], false);
      if (packed.attachments.length > 0) throw error;
    } catch {
      packed = pack([plainError(error)], false);
    }
    this.#send(["throw", id, []], packed.bytes, [], true);
    answer.settled();
  }

  // --- The end ------------------------------------------------------------------------------------

  #updateHold(): void {
    if (!this.#holds || this.owner === 0) return;
    const busy = this.#exports.size > 0 || this.#answers.size > 0;
    if (busy === this.#holding) return;
    this.#holding = busy;
    if (busy) invocationHold(this.owner);
    else invocationRelease(this.owner);
  }

  /** It belongs to `invocation` from now on: an object's. */
  adopt(invocation: InvocationId): void {
    this.owner = invocation;
    rpcAdopt(this.#port, invocation);
    this.#updateHold();
  }

  #closeIfDone(): void {
    const done =
      this.#opener &&
      this.#questions.size === 0 &&
      this.#unfinished.size === 0 &&
      this.#imports.size === 0 &&
      this.#exports.size === 0 &&
      this.#answers.size === 0 &&
      this.#queue === null;
    if (!done || this.#broken !== null) return;
    rpcClose(this.#port, "");
    this.#forget();
  }

  /** Nothing goes on any more: here, and at the other end, which is told why. */
  fail(error: unknown): void {
    if (this.#broken !== null) return;
    if (this.#port >= 0) rpcClose(this.#port, JSON.stringify(describeError(error)));
    this.#forget(error);
  }

  /** The other end has closed the session. */
  closed(error: unknown): void {
    if (this.#broken !== null) return;
    rpcClose(this.#port, "");
    this.#forget(error);
  }

  /** Its invocation is over: whatever waits in it waits for ever. */
  ended(): void {
    if (this.#broken !== null) return;
    for (const [id, { asker }] of this.#questions) {
      if (asker === this.owner) this.#questions.delete(id);
    }
    this.#forget(new Error(notRunning));
  }

  /** Calls under way fail with `reason`, later ones because there is nothing to call any more. */
  #forget(reason?: unknown): void {
    this.#broken = { error: new Error(notRunning) };
    ends.delete(this.#port);
    if (ownSessions.get(this.owner)?.includes(this)) ownSessions.delete(this.owner);
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    this.#unfinished.clear();
    this.#imports.clear();
    for (const question of questions) question.reject(reason);
    const answers = [...this.#answers.values()];
    this.#answers.clear();
    for (const answer of answers) answer.finish();
    this.#dropExports();
    this.#updateHold();
  }

  #dropExports(): void {
    const exported = [...this.#exports.values()];
    this.#exports.clear();
    for (const target of exported) target.release();
  }
}

/** Sends the first message of a session and joins `bind` to the port that it is given. */
export type OpenSession = (
  header: string,
  payload: ArrayBuffer | undefined,
  sources: unknown[] | undefined,
  bind: (port: number) => void,
) => number[];

const noLoad: { table: TableEntry[]; shipments: Shipment[] } = { table: [], shipments: [] };

function sourcesOf(shipments: Shipment[]): unknown[] | undefined {
  return shipments.length === 0 ? undefined : shipments.map(({ source }) => source);
}

function receiverOf(result: unknown, isObject: boolean, isPlain: boolean): Receiver {
  const reserved = reservedNames;
  if (isPlain) return { object: result as object, plain: true, reserved };
  if (isObject) {
    const object = result as object;
    if (takesCalls(object) || isRpcTarget(object)) return { object, plain: false, reserved };
    const plain = stubKind(object);
    if (plain !== undefined) return { object, plain, reserved };
  }
  return { object: {}, plain: true, reserved };
}

/** A share in one of the other end's exports. */
class ImportCapability implements Capability {
  readonly end: End;
  readonly id: number;
  #released = false;
  constructor(end: End, id: number) {
    this.end = end;
    this.id = id;
    end.addImport(id);
  }
  /** What it leads to, when that is an object of our own. */
  ownTarget(): Target | undefined {
    return this.end.partner?.exported(this.id);
  }
  call(path: string[], args: unknown[] | null): Outcome {
    return this.end.call(this.id, path, args);
  }
  dup(): Capability {
    return new ImportCapability(this.end, this.id);
  }
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.end.releaseImport(this.id);
  }
}

/** What a call will give. */
class AnswerCapability implements Capability {
  readonly #end: End;
  readonly #id: number;
  failure: { error: unknown } | null = null;
  constructor(end: End, id: number) {
    this.#end = end;
    this.#id = id;
  }
  call(path: string[], args: unknown[] | null): Outcome {
    if (this.failure !== null) throw this.failure.error;
    return this.#end.call(-this.#id, path, args);
  }
  dup(): Capability {
    return this;
  }
  release(): void {}
}

/** A capability that leads to an object of `owner`'s own. Takes `target` over. */
function ownCapability(owner: InvocationId, target: Target): Capability {
  let pair = ownSessions.get(owner);
  if (pair === undefined) {
    const opener = new End(owner, "opener");
    const other = new End(owner, "own");
    const [first, second] = rpcPair(owner);
    opener.bind(first!);
    other.bind(second!);
    opener.partner = other;
    pair = [opener, other];
    ownSessions.set(owner, pair);
  }
  return new ImportCapability(pair[0], pair[1].export(target));
}

/** The invocation that the running code belongs to; throws outside of any. */
export function callingInvocation(): InvocationId {
  const invocation = currentInvocation();
  if (invocation !== 0) return invocation;
  throw new Error(
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), " +
      "setting a timeout, and generating random values are not allowed within global scope. To fix " +
      "this error, perform this operation within a handler.",
  );
}

/** A stub of an object of the script's own. */
export function makeOwnStub(object: object): object {
  if ((typeof object !== "object" && typeof object !== "function") || object === null) {
    throw new TypeError(
      "Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'JsObject'.",
    );
  }
  const plain = stubKind(object);
  if (plain === undefined) {
    throw new TypeError("RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.");
  }
  return makeStub(ownCapability(callingInvocation(), new Target(object, plain, true)));
}

/** A result that has arrived takes a further call as if it were still at the other end. */
export function capabilityOfResult(result: object): Capability {
  const stub = stubCapability(result);
  if (stub !== undefined) return stub;
  const capability = ownCapability(callingInvocation(), new Target(result, true, false));
  return {
    call(path, args) {
      try {
        return capability.call(path, args);
      } finally {
        capability.release();
      }
    },
    dup: () => capability,
    release() {},
  };
}

// --- From the native side ---------------------------------------------------------------------------

export function rpcMessage(
  port: number, header: string, payload: ArrayBuffer | undefined, streams: number[],
): void {
  const end = ends.get(port);
  if (end !== undefined) end.receive(header, payload, streams);
  else rpcClose(port, notRunning); // its first message did not get here
}

/** These were closed without us: their invocation is over. */
export function rpcClosed(ports: number[]): void {
  for (const port of ports) ends.get(port)?.ended();
}

/** The object whose invocation this is was reset: whoever calls it gets `error`. */
export function endSessions(owner: InvocationId, error: unknown): void {
  for (const end of [...ends.values()]) if (end.owner === owner) end.fail(error);
}
