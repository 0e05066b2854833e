// env.MY_OBJECT: the way to Durable Objects of a class.
import {
  isResponse,
  markFetched,
  replaceStream,
  replayableBody,
  requestSignal,
  toRequest,
  withoutFragment,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalConstructor, illegalInvocation, isObject } from "../../web/builtins/webidl.ts";
import type { Actor } from "./actor.ts";
import { carry } from "./carried_stream.ts";
import { beforeOutput } from "./gates.ts";
import { exceptions, rpc } from "./groups.ts";
import type { ErrorMarks } from "./object_errors.ts";
import { DurableObjectId, idFromName, idFromString, jurisdictionOf, newUniqueId, objectIdOf } from "./object_id.ts";
import { actorOf } from "./object_table.ts";
import { addWildcard } from "./rpc_stubs.ts";
import { checkScheme, fetchBy, nextRequest, redirectTarget, unlessAborted } from "./fetch.ts";
import { namespaceId, worker } from "./state.ts";

const { objectCallBegin, objectCallEnd, objectIsHere, serviceFetch } = natives;

/** Which class, of which worker. */
export interface ObjectBinding {
  script: string;
  className: string;
}

function namespaceKey(binding: ObjectBinding): string {
  return namespaceId(binding.script, binding.className);
}

/** The actor of an object that lives in this isolate. */
export function actorHere(className: string, namespace: string, id: DurableObjectId): Actor {
  const objectClass = worker.objectClasses.get(className);
  if (objectClass === undefined) {
    throw new TypeError(
      `Worker "${worker.name}" exports no class named "${className}" for its Durable Objects.`,
    );
  }
  return actorOf(objectClass, namespace, id, worker.env);
}

/** `call`: see objectCallBegin(). */
function fetchFrom(actor: Actor, request: Request, call = 0): Promise<Response> {
  return actor.enqueue("fetch", request, (instance) => {
    if (typeof instance.fetch !== "function") {
      throw new Error("Handler does not export a fetch() function.");
    }
    const answer = instance.fetch(request);
    return isResponse(answer)
      ? carryBody(actor, answer)
      : promiseOf(answer).then((value) => carryBody(actor, checkResponse(value)));
  }, call === 0 ? undefined : call) as Promise<Response>;
}

/** The body of an answer is produced by the object, whoever reads it. */
function carryBody(actor: Actor, response: Response): Response {
  replaceStream(response, (stream) => actor.carry(stream));
  return response;
}

function promiseOf(value: unknown): Promise<unknown> {
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function") {
    return Promise.resolve(value);
  }
  throw new TypeError("Callback returned incorrect type; expected 'Promise'");
}

function checkResponse(value: unknown): Response {
  if (isResponse(value)) return value;
  throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
}

/** Calls an object that lives in this isolate, for somebody elsewhere. */
export function fetchHere(
  className: string,
  namespace: string,
  id: DurableObjectId,
  request: Request,
): Promise<Response> {
  return fetchFrom(actorHere(className, namespace, id), request);
}

/** The binding of an object's stub; undefined for anything else. */
let stubBinding: (object: object) => ObjectBinding | undefined;
/** The actor that calls through a stub go to; null when it is elsewhere. Throws what has broken the
 * stub, if something has. */
export let actorOfStub: (stub: DurableObjectStub) => Actor | null;
/** Calls through the stub fail with `error` from now on. */
export let breakStub: (stub: DurableObjectStub, error: object) => void;

const internal = Symbol();

export class DurableObjectStub {
  readonly #binding: ObjectBinding;
  readonly name: string | undefined;
  readonly id: DurableObjectId;
  /** The instance that this stub has called. */
  #actor: Actor | null = null;
  /** How an instance that this stub called has ended: a stub does not get over that. */
  #broken: object | null = null;

  constructor(key: symbol, binding: ObjectBinding, id: DurableObjectId) {
    if (key !== internal) throw illegalConstructor();
    this.#binding = binding;
    this.name = id.name;
    this.id = id;
  }

  static {
    stubBinding = (object) => (#binding in object ? object.#binding : undefined);
    actorOfStub = (stub) => stub.#isHere() ? stub.#actorHere() : stub.#elsewhere();
    breakStub = (stub, error) => {
      stub.#broken = error;
    };
  }

  #isHere(): boolean {
    return this.#binding.script === worker.name && objectIsHere(this.id.toString());
  }

  #elsewhere(): null {
    if (this.#broken !== null) throw again(this.#broken);
    return null;
  }

  #actorHere(): Actor {
    if (this.#actor === null || this.#actor.evicted) {
      this.#actor = actorHere(this.#binding.className, namespaceKey(this.#binding), this.id);
    } else if (this.#actor.broken !== null) {
      throw again(this.#actor.broken);
    }
    return this.#actor;
  }

  fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    try {
      if (arguments.length === 0) throw badArgument("fetch", "Fetcher", 1, "Request or string");
      const request = withoutFragment(toRequest(input, init));
      checkScheme(request.url);
      const gate = beforeOutput();
      if (this.#isHere()) {
        return gate === undefined
          ? this.#fetchHere(request, [])
          : gate.then(() => this.#fetchHere(request, []));
      }
      return this.#fetchThere(request, gate);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** `urls`: where earlier requests went that led to this one. */
  #fetchHere(request: Request, urls: string[]): Promise<Response> {
    const actor = this.#actorHere();
    replaceStream(request, (stream) => carry(stream, () => {}).stream);
    const follow = request.redirect === "follow";
    const body = follow ? replayableBody(request) : null;
    const { className, script } = this.#binding;
    const call = worker.traced
      ? objectCallBegin(script, className, this.id.toString(), request.method, request.url)
      : 0;
    const answered = fetchFrom(actor, request, call).then(
      (response) => {
        if (call !== 0) objectCallEnd(call, response.status);
        const location = follow ? redirectTarget(response) : null;
        if (location !== null) return this.#fetchHere(nextRequest(request, response, location, body, urls), urls);
        markFetched(response, request.url, urls.length > 0);
        return response;
      },
      (error: unknown) => {
        if (call !== 0) objectCallEnd(call, 0);
        throw exceptions.load().received(error);
      },
    );
    const signal = requestSignal(request);
    return signal === null ? answered : unlessAborted(answered, signal);
  }

  async #fetchThere(request: Request, gate: Promise<void> | undefined): Promise<Response> {
    const { className, script } = this.#binding;
    try {
      return await fetchBy(request, gate, (...message) => {
        if (this.#broken !== null) throw again(this.#broken);
        return serviceFetch(script, "", className, this.id.toString(), this.id.name ?? "", "", ...message);
      });
    } catch (error) {
      if ((error as ErrorMarks | null)?.durableObjectReset === true) {
        this.#broken = error as object;
      }
      throw error;
    }
  }
}

addWildcard(DurableObjectStub, (object) => {
  const parts = objectStubParts(object);
  return parts === undefined ? undefined : rpc.load().objectEntry(object as DurableObjectStub, parts);
});

export type StubParts = [script: string, className: string, id: string, name: string];

/** What an object's stub is made of; undefined for anything else. */
export function objectStubParts(object: object): StubParts | undefined {
  const binding = stubBinding(object);
  if (binding === undefined) return undefined;
  const { id } = object as DurableObjectStub;
  return [binding.script, binding.className, id.toString(), id.name ?? ""];
}

export function objectStubOf(...[script, className, id, name]: StubParts): DurableObjectStub {
  const objectId = objectIdOf(id, name === "" ? undefined : name);
  return new DurableObjectStub(internal, { script, className }, objectId);
}

/** The error that has broken a stub, for the next call: it comes from the stub itself. */
function again(error: object): unknown {
  const copy = exceptions.load().received(error) as ErrorMarks;
  delete copy.remote;
  return copy;
}

function wrongArgument(method: string, index: number, type: string): TypeError {
  return badArgument(method, "DurableObjectNamespace", index, type);
}

interface GetOptions {
  locationHint?: string;
  routingMode?: string;
}

export function objectNamespaceOf(binding: ObjectBinding): DurableObjectNamespace {
  return new DurableObjectNamespace(internal, binding);
}

let isNamespace: (value: unknown) => boolean;

export class DurableObjectNamespace {
  readonly #binding: ObjectBinding;
  readonly #key: string;
  readonly #jurisdiction: string | undefined;

  constructor(key: symbol, binding: ObjectBinding, jurisdiction?: string) {
    if (key !== internal) throw illegalConstructor();
    this.#binding = binding;
    this.#key = namespaceKey(binding);
    this.#jurisdiction = jurisdiction;
  }

  static {
    isNamespace = (value) => typeof value === "object" && value !== null && #key in value;
  }

  newUniqueId(options?: { jurisdiction?: string | null } | null): DurableObjectId {
    if (options !== undefined && options !== null && !isObject(options)) {
      throw wrongArgument("newUniqueId", 1, "NewUniqueIdOptions");
    }
    if (!isNamespace(this)) throw illegalInvocation();
    const wanted = jurisdictionOf(options?.jurisdiction);
    if (
      wanted !== undefined && this.#jurisdiction !== undefined && wanted !== this.#jurisdiction
    ) {
      throw new TypeError(
        "newUniqueId called on jurisdictional subnamespace with a different jurisdiction",
      );
    }
    return newUniqueId(this.#key, wanted ?? this.#jurisdiction);
  }

  idFromName(name: string): DurableObjectId {
    if (arguments.length === 0) throw wrongArgument("idFromName", 1, "string");
    if (!isNamespace(this)) throw illegalInvocation();
    return idFromName(this.#key, this.#jurisdiction, name);
  }

  idFromString(id: string): DurableObjectId {
    if (arguments.length === 0) throw wrongArgument("idFromString", 1, "string");
    if (!isNamespace(this)) throw illegalInvocation();
    return idFromString(this.#key, this.#jurisdiction, id);
  }

  /** Location hints are accepted; there is one location. */
  get(id: DurableObjectId, options?: GetOptions): DurableObjectStub {
    if (!(id instanceof DurableObjectId)) {
      throw wrongArgument("get", 1, "DurableObjectId");
    }
    if (!isNamespace(this)) throw illegalInvocation();
    if (this.#jurisdiction !== undefined && id.jurisdiction !== this.#jurisdiction) {
      throw new TypeError(
        "get called on jurisdictional subnamespace with an ID from a different jurisdiction",
      );
    }
    const mode = options?.routingMode;
    if (mode !== undefined && mode !== "primary-only") {
      throw new RangeError(`unknown routingMode: ${String(mode)}`);
    }
    return new DurableObjectStub(internal, this.#binding, id);
  }

  getByName(name: string, options?: GetOptions): DurableObjectStub {
    if (arguments.length === 0) throw wrongArgument("getByName", 1, "string");
    return this.get(this.idFromName(name), options);
  }

  /** The same class, for objects that are to live there; without an argument: anywhere. */
  jurisdiction(name?: string | null): DurableObjectNamespace {
    return new DurableObjectNamespace(internal, this.#binding, jurisdictionOf(name));
  }
}

defineInterface(DurableObjectStub, "DurableObject");
defineInterface(DurableObjectNamespace, "DurableObjectNamespace");
