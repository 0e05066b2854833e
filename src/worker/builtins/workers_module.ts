// import ... from "cloudflare:workers"
import {
  currentFrame,
  type Frame,
  frameWith,
  runInFrame,
  useFrames,
  valueIn,
} from "../../web/builtins/async_context.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, badConstructorArgument } from "../../web/builtins/webidl.ts";
import { type ExecutionContext, makeContext } from "./context.ts";
import { objects } from "./groups.ts";
import { RpcPromise, RpcProperty, RpcStub, RpcTarget } from "./rpc_stubs.ts";
import { Fetcher } from "./service.ts";
import { worker } from "./state.ts";

const { currentInvocation } = natives;

/** Base of Durable Object classes: keeps what the constructor gets as this.ctx and this.env. */
export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    if (!worker.isObjectState(ctx)) {
      throw badConstructorArgument("DurableObjectBase", 1, "DurableObjectState");
    }
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base of entrypoints; one instance for each invocation. */
export class WorkerEntrypoint {
  readonly ctx: ExecutionContext;
  readonly env: unknown;

  constructor(ctx: ExecutionContext = undefined as never, env: unknown = undefined) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base of workflows. There is nothing that would run one; code that brings one along can be loaded. */
class WorkflowEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** `usual`, as an import: within a call of withEnv() and its like it is what was given there. */
function replaceable(usual: Record<string, unknown>): Record<string, unknown> {
  const current = () => valueIn(currentFrame(), usual, usual) as Record<string, unknown>;
  return new Proxy(usual, {
    get: (_, name) => Reflect.get(current(), name) as unknown,
    set: (_, name, value) => Reflect.set(current(), name, value),
    has: (_, name) => Reflect.has(current(), name),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(current(), name),
    defineProperty: (_, name, property) => Reflect.defineProperty(current(), name, property),
    deleteProperty: (_, name) => Reflect.deleteProperty(current(), name),
  });
}

/** Calls `run` while the imports `of` are `values`. */
function replacing<T>(name: string, of: object[], values: unknown[], run: () => T): T {
  if (typeof run !== "function") throw badArgument(name, "EnvModule", of.length + 1, "function");
  useFrames();
  let frame: Frame | null = currentFrame();
  of.forEach((usual, index) => {
    const value = values[index];
    if (typeof value === "object" && value !== null) frame = frameWith(frame, usual, value);
  });
  return runInFrame(frame, run, undefined, []);
}

export const workersModule = {
  DurableObject,
  RpcPromise,
  RpcProperty,
  RpcStub,
  RpcTarget,
  ServiceStub: Fetcher,
  WorkerEntrypoint,
  WorkflowEntrypoint,
  env: replaceable(worker.env),
  exports: replaceable(worker.exports),
  /** ctx.waitUntil(), wherever in a call the code is. */
  waitUntil(...args: [promise?: unknown]): void {
    if (args.length === 0) throw badArgument("waitUntil", "EntrypointsModule", 1, "Promise");
    const object = objects.loaded?.runningObject();
    if (object !== undefined) object.keepAwake(Promise.resolve(args[0]));
    else makeContext(currentInvocation()).waitUntil(args[0]);
  },
  withEnv: <T>(env: unknown, run: () => T): T => replacing("withEnv", [worker.env], [env], run),
  withExports: <T>(exports: unknown, run: () => T): T =>
    replacing("withExports", [worker.exports], [exports], run),
  withEnvAndExports: <T>(env: unknown, exports: unknown, run: () => T): T =>
    replacing("withEnvAndExports", [worker.env, worker.exports], [env, exports], run),
};
