// Service worker syntax: addEventListener("fetch", event => event.respondWith(...)).
import { dispatchTrusted, Event, globalTarget, hasGlobalListener } from "../../web/builtins/index.ts";
import { type ExecutionContext } from "./context.ts";

export class FetchEvent extends Event {
  readonly request: Request;
  readonly #context: ExecutionContext;
  #response: unknown;
  #responded = false;

  constructor(request: Request, context: ExecutionContext) {
    super("fetch");
    this.request = request;
    this.#context = context;
  }

  respondWith(response: unknown): void {
    if (this.#responded) {
      throw new DOMException(
        "FetchEvent.respondWith() has already been called; it can only be called once.",
        "InvalidStateError",
      );
    }
    this.#responded = true;
    this.#response = response;
    this.stopImmediatePropagation();
  }

  waitUntil(promise: unknown): void {
    this.#context.waitUntil(promise);
  }

  passThroughOnException(): void {
    this.#context.passThroughOnException();
  }

  /** What respondWith() got; undefined when it was not called. */
  static responseOf(event: FetchEvent): unknown {
    return event.#responded ? event.#response : undefined;
  }
}

export function handlesFetchEvents(): boolean {
  return hasGlobalListener("fetch");
}

export function dispatchFetchEvent(request: Request, context: ExecutionContext): unknown {
  const event = new FetchEvent(request, context);
  dispatchTrusted(globalTarget, event);
  return FetchEvent.responseOf(event);
}
