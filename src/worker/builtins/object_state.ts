// ctx of a Durable Object: what it can do about its own life.
import { defineInterface } from "../../web/builtins/webidl.ts";
import type { Actor } from "./actor.ts";
import { worker } from "./state.ts";
import { ABORT_MESSAGE } from "./object_errors.ts";
import type { WebSocketRequestResponsePair } from "./object_sockets.ts";
import type { DurableObjectId } from "./object_id.ts";
import type { DurableObjectStorage } from "./object_storage.ts";

export class DurableObjectState {
  readonly #actor: Actor;
  #props: object | undefined;
  readonly id: DurableObjectId;
  readonly storage: DurableObjectStorage;

  constructor(actor: Actor, id: DurableObjectId, storage: DurableObjectStorage) {
    this.#actor = actor;
    this.id = id;
    this.storage = storage;
  }

  /** Objects are not given any. */
  get props(): object {
    return (this.#props ??= {});
  }

  /** The worker's own entrypoints and objects. */
  get exports(): object {
    return worker.exports;
  }

  /** An object lives on as long as it has something to do; nothing more is needed. */
  waitUntil(promise: unknown): void {
    this.#actor.keepAwake(Promise.resolve(promise));
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    return this.#actor.block(callback);
  }

  acceptWebSocket(socket: WebSocket, tags?: string[]): void {
    this.#actor.sockets.accept(socket, tags);
  }
  getWebSockets(tag?: string): WebSocket[] {
    return this.#actor.sockets.getWebSockets(tag);
  }
  getTags(socket: WebSocket): string[] {
    return this.#actor.sockets.getTags(socket);
  }
  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void {
    this.#actor.sockets.setAutoResponse(pair);
  }
  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    return this.#actor.sockets.getAutoResponse();
  }
  getWebSocketAutoResponseTimestamp(socket: WebSocket): Date | null {
    return this.#actor.sockets.getAutoResponseTimestamp(socket);
  }
  setHibernatableWebSocketEventTimeout(milliseconds?: number): void {
    this.#actor.sockets.setEventTimeout(milliseconds);
  }
  getHibernatableWebSocketEventTimeout(): number | null {
    return this.#actor.sockets.getEventTimeout();
  }

  /** Ends the instance at once: whoever waits for it gets an error with `reason`. */
  abort(reason?: string): never {
    throw this.#actor.abort(reason === undefined ? ABORT_MESSAGE : `${reason}`);
  }

  static {
    worker.isObjectState = (value) => typeof value === "object" && value !== null && #actor in value;
  }
}
defineInterface(DurableObjectState, "DurableObjectState");
