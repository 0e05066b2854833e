// The WebSockets of a Durable Object that is awake: accepted ones, which keep it so, and hibernatable
// ones, which stay open natively when it goes out of memory.
// https://developers.cloudflare.com/durable-objects/api/websockets/
import {
  acceptHibernatable,
  answerClose,
  attachmentOf,
  isAccepted,
  isHibernatable,
  isPeerFree,
  isReleased,
  isWebSocket,
  reviveWebSocket,
  type SocketOwner,
} from "../../web/builtins/websocket.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, badConstructorArgument, defineInterface } from "../../web/builtins/webidl.ts";
import type { DurableObjectId } from "./object_id.ts";
import { openSockets, transportTo } from "./sockets.ts";

const {
  encodeUtf8,
  objectAutoResponse,
  objectEventTimeout,
  objectSocketSettings,
  objectSockets,
  objectSocketsAwake,
  objectSocketsDrop,
  reportException,
  socketAssign,
  socketHibernate,
  socketLeave,
  socketState,
  storageBarrier,
} = natives;

const mostSockets = 32_768;
const mostTags = 10;
const longestTag = 256;
const longestAutoResponse = 2048;
const longestEventTimeout = 604_800_000;

/** What the sockets need of the object. */
export interface SocketActor {
  readonly className: string;
  readonly id: DurableObjectId;
  /** 0 before it is constructed. */
  readonly invocation: InvocationId;
  /** The handle of its storage; -1 while it has none. */
  readonly openStorageHandle: number;
  enqueue(description: string, subject: unknown, run: (instance: SocketHandlers) => unknown): Promise<unknown>;
  startMessage(): SocketHandlers | null;
  finishMessage(): void;
  keepAwake(promise: Promise<unknown>): void;
}

export interface SocketHandlers {
  webSocketMessage?(socket: WebSocket, message: string | ArrayBufferLike): unknown;
  webSocketClose?(socket: WebSocket, code: number, reason: string, wasClean: boolean): unknown;
  webSocketError?(socket: WebSocket, error: Error): unknown;
}

/** A message, and the answer that is given to it without the object. */
export class WebSocketRequestResponsePair {
  readonly #request: string;
  readonly #response: string;
  constructor(request: unknown, response: unknown) {
    if (arguments.length === 0) {
      throw badConstructorArgument("WebSocketRequestResponsePair", 1, "string");
    }
    if (arguments.length === 1) {
      throw badConstructorArgument("WebSocketRequestResponsePair", 2, "string");
    }
    this.#request = `${request as string}`;
    this.#response = `${response as string}`;
  }
  get request(): string {
    return this.#request;
  }
  get response(): string {
    return this.#response;
  }
  static isPair(value: unknown): value is WebSocketRequestResponsePair {
    return typeof value === "object" && value !== null && #request in value;
  }
}
const { isPair } = WebSocketRequestResponsePair;
Reflect.deleteProperty(WebSocketRequestResponsePair, "isPair");
defineInterface(WebSocketRequestResponsePair, "WebSocketRequestResponsePair");

export class ObjectSockets implements SocketOwner {
  readonly #actor: SocketActor;
  /** Sockets that the object has to stay in memory for. */
  inUse = 0;
  /** Hibernatable sockets, oldest first; null while they have not been asked for. */
  #hibernatable: Set<WebSocket> | null = null;
  readonly #numbers = new Map<WebSocket, number>();
  readonly #tags = new WeakMap<WebSocket, string[]>();
  /** When sockets within the isolate were last answered automatically. */
  readonly #autoResponded = new WeakMap<WebSocket, number>();
  /** The instance that an event is running on since startNow(). */
  #instance: SocketHandlers | null = null;
  #eventTimeout = 0;
  /** The object was reset, or has left memory. */
  #ended = false;

  constructor(actor: SocketActor) {
    this.#actor = actor;
  }

  // --- SocketOwner ---------------------------------------------------------------------------

  storage(): number {
    return this.#actor.openStorageHandle;
  }

  barrier(): Promise<void> | undefined {
    const storage = this.#actor.openStorageHandle;
    return storage < 0 ? undefined : storageBarrier(storage, false);
  }

  startNow(invocation: number): boolean {
    if (invocation !== this.#actor.invocation || invocation === 0) return false;
    this.#instance = this.#actor.startMessage();
    return this.#instance !== null;
  }

  finishNow(result: unknown): void {
    this.#instance = null;
    this.#actor.finishMessage();
    if (result instanceof Promise) this.#stayAwakeFor(result);
  }

  run(event: () => unknown): void {
    this.#actor
      .enqueue("WebSocket", "message", (instance) => {
        this.#instance = instance;
        try {
          return event();
        } finally {
          this.#instance = null;
        }
      })
      .catch((error: unknown) => {
        if (!this.#ended) reportException(error);
      });
  }

  opened(): void {
    ++this.inUse;
  }

  closed(): void {
    --this.inUse;
  }

  message(socket: WebSocket, data: string | ArrayBufferLike): unknown {
    // The native side answers for sockets that lead out of the isolate.
    if (typeof data === "string" && !this.#numbers.has(socket)) {
      const settings = this.#settings();
      if (settings !== undefined && settings[0] === data) {
        this.#autoResponded.set(socket, Date.now());
        socket.send(settings[1]!);
        return undefined;
      }
    }
    try {
      return this.#instance!.webSocketMessage?.(socket, data);
    } catch (error) {
      reportException(error);
      return undefined;
    }
  }

  close(socket: WebSocket, code: number, reason: string, wasClean: boolean): unknown {
    return this.#last(socket, () => {
      const instance = this.#instance!;
      if (typeof instance.webSocketClose !== "function") return undefined;
      return instance.webSocketClose(socket, code, reason, wasClean);
    }, code, reason);
  }

  error(socket: WebSocket, error: Error): unknown {
    return this.#last(socket, () => this.#instance!.webSocketError?.(socket, error), 1006, "");
  }

  /** The last event of a hibernatable socket: it is one of the object's until the handler has
   * returned, and closed at the latest when what it returned has settled. */
  #last(socket: WebSocket, handler: () => unknown, code: number, reason: string): unknown {
    let result: unknown;
    try {
      result = handler();
    } catch (error) {
      reportException(error);
    }
    this.#hibernatable?.delete(socket);
    const number = this.#numbers.get(socket);
    this.#numbers.delete(socket);
    if (number === undefined) --this.inUse;
    else socketLeave(number);
    if (!(result instanceof Promise)) {
      answerClose(socket, code, reason);
      return undefined;
    }
    return result.finally(() => answerClose(socket, code, reason));
  }

  #stayAwakeFor(promise: Promise<unknown>): void {
    const timeout = this.#eventTimeout;
    if (timeout === 0) {
      this.#actor.keepAwake(promise);
      return;
    }
    this.#actor.keepAwake(
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, timeout);
        promise.then(resolve, reject).finally(() => clearTimeout(timer));
      }),
    );
  }

  // --- The native side -------------------------------------------------------------------------

  /** The object is constructed: its sockets' events belong to its invocation. */
  begin(): void {
    if (this.#hibernatable !== null) this.#setLife(this.#actor.invocation);
  }

  #setLife(life: InvocationId): number[] {
    return objectSockets(this.#actor.className, this.#actor.id.toString(), life);
  }

  /** The object is, or will be, known to the native side as one that has hibernatable sockets. */
  #awake(): void {
    const { className, id, invocation } = this.#actor;
    objectSocketsAwake(className, id.toString(), id.name ?? "", invocation);
  }

  /** Those of the object that stayed open while it was out of memory come back. */
  #load(): Set<WebSocket> {
    if (this.#hibernatable !== null) return this.#hibernatable;
    this.#hibernatable = new Set();
    for (const number of this.#setLife(this.#actor.invocation)) this.revive(number);
    this.#eventTimeout = this.#settings()?.[2] ?? 0;
    return this.#hibernatable;
  }

  #settings() {
    return objectSocketSettings(this.#actor.className, this.#actor.id.toString());
  }

  /** The socket of that number, which the script does not know yet. */
  revive(number: number): WebSocket {
    const all = this.#load();
    const known = openSockets.get(number);
    if (known !== undefined) return known;
    const state = socketState(number);
    const socket = reviveWebSocket(this, transportTo(number), state?.[1], state?.[3] ?? false);
    openSockets.set(number, socket);
    this.#numbers.set(socket, number);
    this.#tags.set(socket, state?.[0] ?? []);
    all.add(socket);
    return socket;
  }

  /** `socket` leads out of the isolate by `number` from now on. */
  own(socket: WebSocket, number: number): void {
    const { className, id, invocation } = this.#actor;
    if (this.#ended) {
      socketAssign(number, 0);
      objectSocketsDrop(className, id.toString(), 0);
      return;
    }
    if (!isHibernatable(socket)) {
      socketAssign(number, invocation);
      return;
    }
    this.#awake();
    socketHibernate(
      number, className, id.toString(), id.name ?? "", this.#tags.get(socket) ?? [], attachmentOf(socket),
    );
    this.#numbers.set(socket, number);
    --this.inUse;
  }

  /** The object goes out of memory. */
  hibernate(): void {
    this.#ended = true;
    for (const number of this.#numbers.values()) openSockets.delete(number);
    this.#setLife(0);
  }

  /** The object was reset. */
  drop(): void {
    this.#ended = true;
    for (const number of this.#numbers.values()) openSockets.delete(number);
    objectSocketsDrop(this.#actor.className, this.#actor.id.toString(), this.#actor.invocation);
  }

  // --- The methods of ctx ----------------------------------------------------------------------

  accept(socket: unknown, tags: unknown): void {
    if (!isWebSocket(socket)) throw badArgument("acceptWebSocket", "DurableObjectState", 1, "WebSocket");
    if (isAccepted(socket)) {
      throw new Error(
        "Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`",
      );
    }
    if (!isPeerFree(socket)) {
      throw new Error(
        "Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted or used in a Response.",
      );
    }
    const distinct = distinctTags(tags);
    const all = this.#load();
    if (all.size >= mostSockets) {
      throw new Error(
        `only ${mostSockets} websockets can be accepted on a single Durable Object instance`,
      );
    }
    if (isReleased(socket)) {
      throw new TypeError(
        "Tried to make an api::WebSocket hibernatable when it was in an incompatible state.",
      );
    }
    this.#tags.set(socket, distinct);
    all.add(socket);
    // Until it leads out of the isolate there is nobody but the object to keep it.
    ++this.inUse;
    acceptHibernatable(socket, this);
  }

  getWebSockets(tag: unknown): WebSocket[] {
    const all = [...this.#load()];
    if (tag === undefined || tag === null) return all.reverse();
    const wanted = `${tag as string}`;
    return all.filter((socket) => this.#tags.get(socket)!.includes(wanted));
  }

  getTags(socket: unknown): string[] {
    if (!isWebSocket(socket)) throw badArgument("getTags", "DurableObjectState", 1, "WebSocket");
    if (!isAccepted(socket)) {
      throw new Error(
        "you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket.",
      );
    }
    if (!isHibernatable(socket)) throw new Error("only hibernatable websockets can have tags.");
    return [...(this.#tags.get(socket) ?? [])];
  }

  setAutoResponse(pair: unknown): void {
    if (pair === undefined || pair === null) {
      objectAutoResponse(this.#actor.className, this.#actor.id.toString(), undefined, "");
      return;
    }
    if (!isPair(pair)) {
      throw badArgument("setWebSocketAutoResponse", "DurableObjectState", 1, "WebSocketRequestResponsePair");
    }
    for (const [kind, text] of [["Request", pair.request], ["Response", pair.response]] as const) {
      const size = encodeUtf8(text).length;
      if (size > longestAutoResponse) {
        throw new RangeError(
          `${kind} cannot be larger than ${longestAutoResponse} bytes. A ${kind.toLowerCase()} of size ${size} was provided.`,
        );
      }
    }
    this.#load();
    this.#awake();
    objectAutoResponse(
      this.#actor.className, this.#actor.id.toString(), pair.request.toWellFormed(), pair.response,
    );
  }

  getAutoResponse(): WebSocketRequestResponsePair | null {
    const settings = this.#settings();
    if (settings === undefined || settings[0] === undefined) return null;
    return new WebSocketRequestResponsePair(settings[0], settings[1]);
  }

  getAutoResponseTimestamp(socket: unknown): Date | null {
    if (!isWebSocket(socket)) {
      throw badArgument("getWebSocketAutoResponseTimestamp", "DurableObjectState", 1, "WebSocket");
    }
    const number = this.#numbers.get(socket);
    const time = number === undefined ? (this.#autoResponded.get(socket) ?? -1) : (socketState(number)?.[2] ?? -1);
    return time < 0 ? null : new Date(time);
  }

  setEventTimeout(milliseconds: unknown): void {
    const timeout = milliseconds === undefined ? 0 : Math.trunc(Number(milliseconds)) || 0;
    if (timeout < 0 || timeout > 0xffff_ffff) {
      throw new TypeError(
        `Value out of range. Must be between 0 and 4294967295 (inclusive).`,
      );
    }
    if (timeout > longestEventTimeout) {
      throw new Error(`Event timeout should not exceed ${longestEventTimeout} ms.`);
    }
    this.#load();
    this.#awake();
    this.#eventTimeout = timeout;
    objectEventTimeout(this.#actor.className, this.#actor.id.toString(), timeout);
  }

  getEventTimeout(): number | null {
    this.#load();
    return this.#eventTimeout === 0 ? null : this.#eventTimeout;
  }
}

function distinctTags(tags: unknown): string[] {
  if (tags === undefined) return [];
  const distinct = new Set<string>();
  if (typeof tags !== "object" || tags === null || !(Symbol.iterator in tags)) {
    throw badArgument("acceptWebSocket", "DurableObjectState", 2, "Array");
  }
  for (const value of tags as Iterable<unknown>) {
    const tag = `${value as string}`;
    if (distinct.size >= mostTags) {
      throw new Error(`a Hibernatable WebSocket cannot have more than ${mostTags} tags`);
    }
    if (encodeUtf8(tag).length > longestTag) {
      throw new Error(`"${tag}" is longer than the max tag length (${longestTag} characters).`);
    }
    distinct.add(tag);
  }
  return [...distinct];
}
