// Where sessions begin: calls on service bindings and on objects' stubs, here and at their targets.
// Each such call opens a session of its own.
import { natives } from "../../web/builtins/natives.ts";
import type { Actor } from "./actor.ts";
import { entrypointReceiver } from "./dispatch.ts";
import { objects } from "./groups.ts";
import type { DurableObjectStub, StubParts } from "./object_namespace.ts";
import { type Receiver, reservedEntrypointNames } from "./rpc_lookup.ts";
import { callingInvocation, End, type OpenSession } from "./rpc_session.ts";
import type { Capability, CallRoot } from "./rpc_stubs.ts";
import { namespaceId, worker } from "./state.ts";
import { DurableObject } from "./workers_module.ts";

const { currentInvocation, rpcOpen } = natives;

type CallTarget = [entrypoint: string, className: string, id: string, name: string, props: string];

/** Calls on it open a session with an entrypoint of the worker `script`. */
export function serviceEntry(script: string, entrypoint: string, props: string): CallRoot {
  const target: CallTarget = [entrypoint, "", "", "", props];
  const capability: Capability = {
    call(path, args) {
      const owner = callingInvocation();
      const open: OpenSession = (header, payload, sources, bind) => {
        const [port, numbers] = rpcOpen(script, ...target, false, owner, header, payload, sources);
        bind(port);
        return numbers;
      };
      return new End(owner, "opener").openWith(path, args, open);
    },
    dup: () => capability,
    release() {},
  };
  return { capability: () => capability };
}

/** Calls on it open a session with the object that `stub` is of. */
export function objectEntry(stub: DurableObjectStub, parts: StubParts): CallRoot {
  const [script, className, id, name] = parts;
  const target: CallTarget = ["", className, id, name, ""];
  const { actorOfStub, breakStub } = objects.load();
  const capability: Capability = {
    call(path, args) {
      const owner = callingInvocation();
      actorOfStub(stub); // throws what has broken it
      const open: OpenSession = (header, payload, sources, bind) => {
        const actor = actorOfStub(stub);
        const [port, numbers, farPort, farNumbers] = rpcOpen(
          script, ...target, actor !== null, owner, header, payload, sources,
        );
        bind(port);
        // In the object's inbox at once, so that calls stay in order with fetch().
        if (actor !== null) acceptForObject(farPort, header, payload, farNumbers, actor, currentInvocation());
        return numbers;
      };
      const outcome = new End(owner, "opener").openWith(path, args, open);
      outcome.promise.catch((error: { durableObjectReset?: boolean } | null | undefined) => {
        if (error?.durableObjectReset === true) breakStub(stub, error);
      });
      return outcome;
    },
    dup: () => capability,
    release() {},
  };
  return { capability: () => capability };
}

/** A session has come in, with its first call. `caller`: of an object's event, see actor.ts. */
export function rpcAccept(
  port: number, header: string, payload: ArrayBuffer | undefined, streams: number[],
  target: CallTarget, invocation: InvocationId, caller: number,
): void {
  const [entrypoint, className, objectId, name, props] = target;
  if (className === "") {
    const end = new End(invocation, "entrypoint");
    const first = accept(end, port, header, payload, streams);
    try {
      const entered = entrypointReceiver(entrypoint, invocation, props);
      void first.perform({ ...entered, reserved: reservedEntrypointNames });
    } catch (error) {
      first.refuse(error);
    }
    return;
  }
  const objectClass = worker.objectClasses.get(className);
  if (objectClass === undefined) {
    accept(new End(0, "object"), port, header, payload, streams).refuse(
      new TypeError(
        `Worker "${worker.name}" exports no class named "${className}" for its Durable Objects.`,
      ),
    );
    return;
  }
  const { actorOf, objectIdOf } = objects.load();
  const id = objectIdOf(objectId, name === "" ? undefined : name);
  const actor = actorOf(objectClass, namespaceId(worker.name, className), id, worker.env);
  acceptForObject(port, header, payload, streams, actor, caller);
}

/** The first call of a session that has come in. */
interface FirstCall {
  /** Its name, or names. */
  method: string;
  perform: (receiver: Receiver) => Promise<void>;
  refuse: (error: unknown) => void;
}

function accept(
  end: End, port: number, header: string, payload: ArrayBuffer | undefined, streams: number[],
): FirstCall {
  const [, id, , path, isCall, table] = JSON.parse(header) as
    [string, number, number, string[], number, never[]];
  end.bind(port);
  const answer = end.begin(id);
  return {
    method: path.join("."),
    perform: (receiver) =>
      end.perform(answer, id, receiver, path, isCall === 1, { payload, table, streams }),
    refuse: (error) => end.refuse(answer, id, error),
  };
}

function acceptForObject(
  port: number, header: string, payload: ArrayBuffer | undefined, streams: number[], actor: Actor,
  caller: number,
): void {
  const end = new End(0, "object");
  const first = accept(end, port, header, payload, streams);
  actor
    .enqueue("RPC", first.method, (instance) => {
      end.adopt(currentInvocation());
      if (!(instance instanceof DurableObject)) {
        throw new TypeError(
          "The receiving Durable Object does not support RPC, because its class was not declared " +
            "with `extends DurableObject`. In order to enable RPC, make sure your class extends the " +
            'special class `DurableObject`, which can be imported from the module "cloudflare:workers".',
        );
      }
      return first.perform({ object: instance, plain: false, reserved: reservedEntrypointNames });
    }, caller)
    .catch((error: unknown) => first.refuse(error));
}
