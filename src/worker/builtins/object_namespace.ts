// env.MY_OBJECT: the way to Durable Objects of a class.
import {
  isResponse,
  platformPrototypes,
  replaceStream,
  requestParts,
  takeBody,
  toRequest,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument } from "../../web/builtins/webidl.ts";
import type { Actor } from "./actor.ts";
import { carry } from "./carried_stream.ts";
import { beforeOutput } from "./gates.ts";
import { exceptions, rpc } from "./groups.ts";
import type { ErrorMarks } from "./object_errors.ts";
import { DurableObjectId, idFromName, idFromString, jurisdictionOf, newUniqueId } from "./object_id.ts";
import { actorOf } from "./object_table.ts";
import { addWildcard } from "./rpc_stubs.ts";
import { responseFromParts, startRequest } from "./subrequest.ts";
import { namespaceId, worker } from "./state.ts";

const { objectIsHere, serviceFetch } = natives;

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

function fetchFrom(actor: Actor, request: Request): Promise<Response> {
  return actor.enqueue("fetch", (instance) => {
    if (typeof instance.fetch !== "function") {
      throw new TypeError("Handler does not export a fetch() function.");
    }
    const answer = instance.fetch(request);
    return isResponse(answer)
      ? carryBody(actor, answer)
      : promiseOf(answer).then((value) => carryBody(actor, checkResponse(value)));
  }) as Promise<Response>;
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

export class DurableObjectStub {
  readonly #binding: ObjectBinding;
  readonly id: DurableObjectId;
  /** The instance that this stub has called. */
  #actor: Actor | null = null;
  /** How an instance that this stub called has ended: a stub does not get over that. */
  #broken: object | null = null;


  constructor(binding: ObjectBinding, id: DurableObjectId) {
    this.#binding = binding;
    this.id = id;
  }

  static {
    stubBinding = (object) => (#binding in object ? object.#binding : undefined);
    actorOfStub = (stub) => stub.#isHere() ? stub.#actorHere() : stub.#elsewhere();
    breakStub = (stub, error) => {
      stub.#broken = error;
    };
  }

  get name(): string | undefined {
    return this.id.name;
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
      const request = toRequest(input, init);
      const gate = beforeOutput();
      if (this.#isHere()) {
        return gate === undefined
          ? this.#fetchHere(request)
          : gate.then(() => this.#fetchHere(request));
      }
      return this.#fetchThere(request, gate);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #fetchHere(request: Request): Promise<Response> {
    const actor = this.#actorHere();
    replaceStream(request, (stream) => carry(stream, () => {}).stream);
    return fetchFrom(actor, request).catch((error: unknown) => {
      throw exceptions.load().received(error);
    });
  }

  async #fetchThere(request: Request, gate: Promise<void> | undefined): Promise<Response> {
    if (gate !== undefined) await gate;
    if (this.#broken !== null) throw again(this.#broken);
    const { method, url, headers } = requestParts(request);
    const { className, script } = this.#binding;
    try {
      const parts = await startRequest(takeBody(request), (body) =>
        serviceFetch(
          script, "", className, this.id.toString(), this.id.name ?? "", "", method, url, headers, body,
        ),
      );
      return responseFromParts(parts, url, false);
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
  const objectId = new DurableObjectId(id, name === "" ? undefined : name);
  return new DurableObjectStub({ script, className }, objectId);
}

/** The error that has broken a stub, for the next call: it comes from the stub itself. */
function again(error: object): unknown {
  const copy = exceptions.load().received(error) as ErrorMarks;
  delete copy.remote;
  return copy;
}

interface GetOptions {
  locationHint?: string;
  routingMode?: string;
}

export class DurableObjectNamespace {
  readonly #binding: ObjectBinding;
  readonly #key: string;
  readonly #jurisdiction: string | undefined;

  constructor(binding: ObjectBinding, jurisdiction?: string) {
    this.#binding = binding;
    this.#key = namespaceKey(binding);
    this.#jurisdiction = jurisdiction;
  }

  newUniqueId(options?: { jurisdiction?: string | null }): DurableObjectId {
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
    return idFromName(this.#key, this.#jurisdiction, name);
  }

  idFromString(id: string): DurableObjectId {
    return idFromString(this.#key, this.#jurisdiction, id);
  }

  /** Location hints are accepted; there is one location. */
  get(id: DurableObjectId, options?: GetOptions): DurableObjectStub {
    if (!(id instanceof DurableObjectId)) {
      throw badArgument("get", "DurableObjectNamespace", 1, "DurableObjectId");
    }
    if (this.#jurisdiction !== undefined && id.jurisdiction !== this.#jurisdiction) {
      throw new TypeError(
        "get called on jurisdictional subnamespace with an ID from a different jurisdiction",
      );
    }
    const mode = options?.routingMode;
    if (mode !== undefined && mode !== "primary-only") {
      throw new RangeError(`unknown routingMode: ${String(mode)}`);
    }
    return new DurableObjectStub(this.#binding, id);
  }

  getByName(name: string, options?: GetOptions): DurableObjectStub {
    return this.get(this.idFromName(name), options);
  }

  /** The same class, for objects that are to live there; without an argument: anywhere. */
  jurisdiction(name?: string | null): DurableObjectNamespace {
    return new DurableObjectNamespace(this.#binding, jurisdictionOf(name));
  }
}

for (const [constructor, name] of [
  [DurableObjectStub, "DurableObject"],
  [DurableObjectNamespace, "DurableObjectNamespace"],
  [DurableObjectId, "DurableObjectId"],
] as const) {
  platformPrototypes.add(constructor.prototype);
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}
