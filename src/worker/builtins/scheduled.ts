// A cron trigger is due: runs scheduled(), and says in its answer what became of it
// (serve/scheduled_event.h reads that).
import { dispatchTrusted, Event, globalTarget, hasGlobalListener, uncaughtSoFar } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { ExecutionContext, makeContext } from "./context.ts";
import { eventHandler } from "./dispatch.ts";

const { reportException, respondEmpty } = natives;

const illegal = Symbol("illegal constructor");

/** Whether somebody has called noRetry(). On Cloudflare an event that failed is not repeated either. */
interface Retries {
  allowed: boolean;
}

export class ScheduledController {
  readonly #retries: Retries;
  declare readonly cron: string;
  declare readonly scheduledTime: number;

  constructor(key: symbol, cron: string, scheduledTime: number, retries: Retries) {
    if (key !== illegal) throw new TypeError("Illegal constructor");
    this.#retries = retries;
    Object.defineProperties(this, {
      cron: { value: cron, enumerable: true, configurable: true },
      scheduledTime: { value: scheduledTime, enumerable: true, configurable: true },
    });
  }

  get type(): "scheduled" {
    return "scheduled";
  }

  noRetry(): void {
    this.#retries.allowed = false;
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, {
      value: "ScheduledController",
      configurable: true,
    });
  }
}

/** For addEventListener("scheduled"). */
export class ScheduledEvent extends Event {
  readonly #retries: Retries;
  readonly #context: ExecutionContext;
  readonly cron: string;
  readonly scheduledTime: number;

  constructor(cron: string, scheduledTime: number, retries: Retries, context: ExecutionContext) {
    super("scheduled");
    this.cron = cron;
    this.scheduledTime = scheduledTime;
    this.#retries = retries;
    this.#context = context;
  }

  noRetry(): void {
    this.#retries.allowed = false;
  }

  waitUntil(promise: unknown): void {
    this.#context.waitUntil(promise);
  }
}

/** Whether it went well, as far as it has not said so by throwing. */
async function call(
  cron: string, scheduledTime: number, retries: Retries, context: ExecutionContext,
): Promise<boolean> {
  const handler = eventHandler("scheduled", context);
  if (handler !== undefined) {
    await handler(new ScheduledController(illegal, cron, scheduledTime, retries));
    return true;
  }
  if (hasGlobalListener("scheduled")) {
    const before = uncaughtSoFar();
    dispatchTrusted(globalTarget, new ScheduledEvent(cron, scheduledTime, retries, context));
    return uncaughtSoFar() === before;
  }
  retries.allowed = false;
  throw new Error(
    "Received a ScheduledEvent but we lack a handler for ScheduledEvents (a.k.a. Cron Triggers). Did you remember to export a scheduled() function?",
  );
}

export async function dispatchScheduled(
  invocation: InvocationId, scheduledTime: number, cron: string,
): Promise<void> {
  const retries = { allowed: true };
  const context = makeContext(invocation);
  let succeeded = false;
  try {
    succeeded = await call(cron, scheduledTime, retries, context);
  } catch (error) {
    reportException(error);
  }
  if (!(await ExecutionContext.settled(context))) succeeded = false;
  respondEmpty(invocation, succeeded ? 200 : 500, "", retries.allowed ? "" : "no-retry: true\r\n");
}
