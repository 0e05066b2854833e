// What a call finds at its receiver: which members may be reached from outside.
//
// Of a class's instance the members of the class, and never its own properties, which authors take
// for private; of a plain object its own properties, and nothing that it inherits.
import { isPipelined, isRpcTarget, takesCalls } from "./rpc_stubs.ts";

/** What a worker offers for calls from outside. */
export interface Entry {
  object: object;
  /** A plain object, or a function: its own properties may be reached. */
  plain: boolean;
  /** An export that is no class: its functions take these behind their argument. */
  environment?: [env: unknown, ctx: unknown];
}

export interface Receiver extends Entry {
  /** Names that are not for calls. */
  reserved: ReadonlySet<string>;
}

export const reservedNames: ReadonlySet<string> = new Set(["dup", "constructor"]);
export const reservedEntrypointNames: ReadonlySet<string> = new Set([
  ...reservedNames, "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose",
  "webSocketError",
]);

function notImplemented(name: string): TypeError {
  return new TypeError(`The RPC receiver does not implement the method "${name}".`);
}

function member(object: object, plain: boolean, name: string): unknown {
  const own = Object.hasOwn(object, name);
  if (plain) {
    if (!own) throw notImplemented(name);
    return (object as Record<string, unknown>)[name];
  }
  if (own) throw notImplemented(name);
  const value = (object as Record<string, unknown>)[name];
  if (value === (Object.prototype as Record<string, unknown>)[name]) throw notImplemented(name);
  return value;
}

/** What is at `path`, and the object that has it. */
export function lookUp(receiver: Receiver, path: string[]): { value: unknown; self: object } {
  let { object, plain } = receiver;
  const last = path.length - 1;
  if (last < 0) return { value: object, self: object };
  let inStub = false;
  for (let i = 0; i <= last; i++) {
    const name = path[i]!;
    if (receiver.reserved.has(name)) {
      throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
    }
    const value = member(object, plain, name);
    if (i === last) return { value, self: object };
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      throw notImplemented(name);
    }
    object = value;
    if (Object.getPrototypeOf(object) === Object.prototype) {
      plain = true;
    } else if (isRpcTarget(object)) {
      plain = false;
    } else if (takesCalls(object) || (inStub && isPipelined(object) === "RpcProperty")) {
      plain = false;
      inStub = true;
    } else if (typeof object === "function" && isPipelined(object) === undefined) {
      plain = true;
    } else {
      throw notImplemented(name);
    }
  }
  throw notImplemented(path[last]!);
}

/** Puts env and ctx behind the one argument that such a function may have from outside. */
export function withEnvironment(
  name: string,
  callee: (...args: unknown[]) => unknown,
  args: unknown[],
  [env, ctx]: [unknown, unknown],
): unknown[] {
  const arity = Number(callee.length);
  if (!(arity >= 0 && arity < 256)) {
    throw new TypeError(`RPC function has unreasonable length attribute: ${arity}`);
  }
  if (arity > 3) {
    throw new TypeError(
      `Cannot call handler function "${name}" over RPC because it has the wrong number of ` +
        "arguments. A simple function handler can only be called over RPC if it has exactly the " +
        "arguments (arg, env, ctx), where only the first argument comes from the client. To support " +
        "multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.",
    );
  }
  if (args.length !== 1) {
    throw new TypeError(
      `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a ` +
        "top-level handler function that is not declared as part of a class, you must always send " +
        "exactly one argument. In order to support variable numbers of arguments, the server must " +
        "use class-based syntax (extending WorkerEntrypoint) instead.",
    );
  }
  return [args[0], env, ctx];
}
