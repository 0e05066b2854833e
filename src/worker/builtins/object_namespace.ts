// env.MY_OBJECT: the way to Durable Objects of a class.
import {
  isResponse,
  requestParts,
  takeBody,
  toRequest,
} from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { actorOf } from "./actor.ts";
import { beforeOutput } from "./gates.ts";
import { DurableObjectId, idFromName, idFromString, newUniqueId } from "./object_id.ts";
import { responseFromParts, startRequest } from "./subrequest.ts";
import { worker } from "./state.ts";

const { objectIsHere, serviceFetch } = natives;

/** Which class, of which worker. */
export interface ObjectBinding {
  script: string;
  className: string;
}

function namespaceKey(binding: ObjectBinding): string {
  return `${binding.script}-${binding.className}`;
}

/** Calls an object that lives in this isolate. */
export function fetchHere(
  className: string,
  namespace: string,
  id: DurableObjectId,
  request: Request,
): Promise<Response> {
  const objectClass = worker.objectClasses.get(className);
  if (objectClass === undefined) {
    throw new TypeError(
      `Worker "${worker.name}" exports no class named "${className}" for its Durable Objects.`,
    );
  }
  const actor = actorOf(objectClass, namespace, id, worker.env);
  return actor.enqueue(className, (instance) => {
    if (typeof instance.fetch !== "function") {
      throw new TypeError("Handler does not export a fetch() function.");
    }
    return instance.fetch(request);
  }) as Promise<Response>;
}

export class DurableObjectStub {
  readonly #binding: ObjectBinding;
  readonly id: DurableObjectId;

  constructor(binding: ObjectBinding, id: DurableObjectId) {
    this.#binding = binding;
    this.id = id;
  }

  get name(): string | undefined {
    return this.id.name;
  }

  fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    try {
      const request = toRequest(input, init);
      const { className, script } = this.#binding;
      const gate = beforeOutput();
      if (script === worker.name && objectIsHere(this.id.toString())) {
        const namespace = namespaceKey(this.#binding);
        const answer =
          gate === undefined
            ? fetchHere(className, namespace, this.id, request)
            : gate.then(() => fetchHere(className, namespace, this.id, request));
        return answer.then(checkResponse);
      }
      return this.#fetchThere(request, gate);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #fetchThere(request: Request, gate: Promise<void> | undefined): Promise<Response> {
    if (gate !== undefined) await gate;
    const { method, url, headers } = requestParts(request);
    const { className, script } = this.#binding;
    const parts = await startRequest(takeBody(request), (body) =>
      serviceFetch(
        script, "", className, this.id.toString(), this.id.name ?? "", method, url, headers, body,
      ),
    );
    return responseFromParts(parts, url, false);
  }
}

function checkResponse(value: unknown): Response {
  if (isResponse(value)) return value;
  throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
}

export class DurableObjectNamespace {
  readonly #binding: ObjectBinding;
  readonly #key: string;

  constructor(binding: ObjectBinding) {
    this.#binding = binding;
    this.#key = namespaceKey(binding);
  }

  newUniqueId(): DurableObjectId {
    return newUniqueId(this.#key);
  }

  idFromName(name: string): DurableObjectId {
    return idFromName(this.#key, name);
  }

  idFromString(id: string): DurableObjectId {
    return idFromString(this.#key, id);
  }

  /** Location hints are accepted; there is one location. */
  get(id: DurableObjectId, _options?: { locationHint?: string }): DurableObjectStub {
    if (!(id instanceof DurableObjectId)) {
      throw new TypeError(
        "Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.",
      );
    }
    return new DurableObjectStub(this.#binding, id);
  }

  getByName(name: string, options?: { locationHint?: string }): DurableObjectStub {
    return this.get(this.idFromName(name), options);
  }
}

for (const [constructor, name] of [
  [DurableObjectStub, "DurableObject"],
  [DurableObjectNamespace, "DurableObjectNamespace"],
  [DurableObjectId, "DurableObjectId"],
] as const) {
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}
