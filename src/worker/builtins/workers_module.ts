// import ... from "cloudflare:workers"
import type { ExecutionContext } from "./context.ts";
import { RpcPromise, RpcProperty, RpcStub, RpcTarget } from "./rpc_stubs.ts";
import { Fetcher } from "./service.ts";
import { worker } from "./state.ts";

/** Base of Durable Object classes: keeps what the constructor gets as this.ctx and this.env. */
export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Base of entrypoints; one instance for each invocation. */
export class WorkerEntrypoint {
  readonly ctx: ExecutionContext;
  readonly env: unknown;

  constructor(ctx: ExecutionContext, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export const workersModule = {
  DurableObject,
  RpcPromise,
  RpcProperty,
  RpcStub,
  RpcTarget,
  ServiceStub: Fetcher,
  WorkerEntrypoint,
  env: worker.env,
  exports: worker.exports,
};
