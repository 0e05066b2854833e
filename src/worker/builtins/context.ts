// ctx: what an invocation can do about its own life.
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, defineInterface, illegalInvocation } from "../../web/builtins/webidl.ts";
import { worker } from "./state.ts";

const { invocationHold, invocationRelease, reportException } = natives;

const illegal = Symbol("illegal constructor");

let isContext: (value: unknown) => boolean;

export class ExecutionContext {
  readonly #invocation: InvocationId;
  #pending = 0;
  #failed = false;
  #whenSettled: (() => void) | undefined;
  #props: unknown;

  constructor(key: symbol, invocation: InvocationId, props: unknown) {
    if (key !== illegal) throw new TypeError("Illegal constructor");
    this.#invocation = invocation;
    this.#props = props;
  }

  get props(): unknown {
    return (this.#props ??= {});
  }

  /** The worker's own entrypoints and objects. */
  get exports(): object {
    return worker.exports;
  }

  /** Keeps the invocation going, for 30 s at most after its response, until `promise` settles. */
  waitUntil(promise: unknown): void {
    if (arguments.length === 0) throw badArgument("waitUntil", "ExecutionContext", 1, "Promise");
    if (!isContext(this)) throw illegalInvocation();
    if (this.#pending++ === 0) invocationHold(this.#invocation, true);
    Promise.resolve(promise).then(
      () => this.#settled(),
      (error: unknown) => {
        this.#failed = true;
        reportException(error);
        this.#settled();
      },
    );
  }

  /** There is no origin behind a worker here: an exception is answered as one. */
  passThroughOnException(): void {}

  #settled(): void {
    if (--this.#pending > 0) return;
    invocationRelease(this.#invocation, true);
    this.#whenSettled?.();
  }

  /** Resolves once nothing that was handed to waitUntil() is pending, with whether all went well. */
  static settled(context: ExecutionContext): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        if (context.#pending === 0) resolve(!context.#failed);
      };
      context.#whenSettled = look;
      look();
    });
  }

  static {
    isContext = (value) => typeof value === "object" && value !== null && #invocation in value;
  }
}
defineInterface(ExecutionContext, "ExecutionContext");

export function makeContext(invocation: InvocationId, props?: unknown): ExecutionContext {
  return new ExecutionContext(illegal, invocation, props);
}
