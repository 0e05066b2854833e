// From an event on the native side to the worker's handler.
import { isResponse, makeIncomingRequest } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { type ExecutionContext, makeContext } from "./context.ts";
import { objects } from "./groups.ts";
import { respondException, sendResponse } from "./respond.ts";
import type { Entry } from "./rpc_lookup.ts";
import { loopbackFetcher } from "./service.ts";
import { dispatchFetchEvent, FetchEvent, handlesFetchEvents } from "./service_worker.ts";
import { namespaceId, worker } from "./state.ts";
import { WorkerEntrypoint } from "./workers_module.ts";

const { connectionInfo, location, respondProblem } = natives;

type Handler = { fetch?: (request: Request, env: unknown, ctx: unknown) => unknown };
type Entrypoint =
  | { kind: "object"; handler: Handler }
  | { kind: "class"; make: new (ctx: unknown, env: unknown) => Handler };

const entrypoints = new Map<string, Entrypoint>();
let main: Entrypoint | null = null;

/** request.cf: what one server knows. What it does not know is absent. */
function describeConnection(): object {
  const cf: Record<string, unknown> = { colo: location() };
  const connection = connectionInfo();
  if (connection !== undefined) {
    cf.httpProtocol = `HTTP/1.${connection[0]}`;
    if (connection[1] >= 0) cf.clientTcpRtt = connection[1];
  }
  return cf;
}

function isEntrypointClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof WorkerEntrypoint;
}

function entrypointOf(value: unknown): Entrypoint | null {
  if (isEntrypointClass(value)) {
    return { kind: "class", make: value as new (ctx: unknown, env: unknown) => Handler };
  }
  if (typeof value === "object" && value !== null) {
    return { kind: "object", handler: value as Handler };
  }
  return null;
}

/** Sorts the main module's exports. */
export function installExports(exports: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(exports)) {
    const entrypoint = entrypointOf(value);
    if (name === "default") main = entrypoint;
    else if (entrypoint !== null) entrypoints.set(name, entrypoint);
    else if (typeof value === "function" && value.prototype !== undefined) {
      worker.objectClasses.set(name, value as never);
    }
    if (worker.boundClasses.has(name)) {
      const { objectNamespaceOf } = objects.load();
      worker.exports[name] = objectNamespaceOf({ script: worker.name, className: name });
    } else if (entrypoint !== null || typeof value === "function") {
      worker.exports[name] = loopbackFetcher(worker.name, name === "default" ? "" : name);
    }
  }
}

/** Events that a handler of an entrypoint is for. */
const handlerNames = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];

function handlersOf(entrypoint: Entrypoint): string[] {
  const object = (entrypoint.kind === "class" ? entrypoint.make.prototype : entrypoint.handler) as unknown as Record<
    string,
    unknown
  >;
  return handlerNames.filter((name) => typeof object[name] === "function");
}

/** What the main module exports, as JSON: {"handlers", "named": [{"name", "handlers"}], "classes"}. */
export function describeExports(): string {
  const handlers = main !== null ? handlersOf(main) : [];
  if (handlesFetchEvents() && !handlers.includes("fetch")) handlers.push("fetch");
  const named = Array.from(entrypoints, ([name, each]) => ({ name, handlers: handlersOf(each) }));
  return JSON.stringify({ handlers, named, classes: Array.from(worker.objectClasses.keys()) });
}

function entrypointNamed(name: string): Entrypoint | null {
  return name === "" || name === "default" ? main : (entrypoints.get(name) ?? null);
}

function propsOf(json: string): unknown {
  return json === "" ? undefined : JSON.parse(json);
}

/** What calls of an entrypoint are made on. */
export function entrypointReceiver(name: string, invocation: InvocationId, props: string): Entry {
  const entrypoint = entrypointNamed(name);
  if (entrypoint === null) {
    throw new TypeError(
      name === ""
        ? "The receiver is not an RPC object"
        : `Worker "${worker.name}" has no entrypoint named "${name}".`,
    );
  }
  const context = makeContext(invocation, propsOf(props));
  if (entrypoint.kind === "class") {
    return { object: new entrypoint.make(context, worker.env), plain: false };
  }
  return { object: entrypoint.handler, plain: true, environment: [worker.env, context] };
}

/** What an event other than a request is for: the handler of the default export, ready to be called. */
export function eventHandler(
  name: string, context: ExecutionContext,
): ((event: unknown) => unknown) | undefined {
  if (main === null) return undefined;
  const object = (main.kind === "class" ? new main.make(context, worker.env) : main.handler) as unknown as Record<
    string,
    unknown
  >;
  const handler = object[name];
  if (typeof handler !== "function") return undefined;
  return (event) => handler.call(object, event, worker.env, context) as unknown;
}

function callHandler(
  entrypoint: Entrypoint, request: Request, invocation: InvocationId, props = "",
): unknown {
  const context = makeContext(invocation, propsOf(props));
  if (entrypoint.kind === "object") {
    return entrypoint.handler.fetch!(request, worker.env, context);
  }
  return new entrypoint.make(context, worker.env).fetch!(request, undefined, undefined);
}

function hasFetch(entrypoint: Entrypoint): boolean {
  return entrypoint.kind === "object"
    ? typeof entrypoint.handler.fetch === "function"
    : typeof entrypoint.make.prototype.fetch === "function";
}

function answer(invocation: InvocationId, run: () => unknown): void {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    respondException(invocation, error);
    return;
  }
  settle(invocation, result);
}

function settle(invocation: InvocationId, result: unknown): void {
  if (isResponse(result)) {
    sendResponse(invocation, result);
    return;
  }
  Promise.resolve(result).then(
    (response) => sendResponse(invocation, response),
    (error: unknown) => respondException(invocation, error),
  );
}

function makeRequest(
  method: string, url: string, normal: boolean, headers: string, body: BodyId,
): Request {
  return makeIncomingRequest(
    method,
    normal ? url : (URL.parse(url)?.href ?? url),
    headers,
    body,
    describeConnection,
  );
}

export function dispatchFetch(
  invocation: InvocationId, method: string, url: string, normal: boolean, headers: string,
  body: BodyId,
): void {
  const request = makeRequest(method, url, normal, headers, body);
  if (main !== null && hasFetch(main)) {
    let result: unknown;
    try {
      result = callHandler(main, request, invocation);
    } catch (error) {
      respondException(invocation, error);
      return;
    }
    settle(invocation, result);
  } else if (handlesFetchEvents()) {
    answer(invocation, () => dispatchFetchEvent(request, makeContext(invocation)));
  } else {
    respondProblem(
      invocation,
      500,
      "Handler does not export a fetch() function.",
      "The worker's default export has no fetch handler. Write: export default { async fetch(request, env, ctx) { ... } }",
    );
  }
}

export function dispatchEntrypoint(
  invocation: InvocationId, method: string, url: string, normal: boolean, headers: string,
  body: BodyId, name: string, props: string,
): void {
  const entrypoint = entrypointNamed(name);
  if (entrypoint === null || !hasFetch(entrypoint)) {
    const message =
      entrypoint === null
        ? `Worker "${worker.name}" has no entrypoint named "${name}".`
        : "Handler does not export a fetch() function.";
    respondException(invocation, new Error(message));
    return;
  }
  answer(invocation, () =>
    callHandler(entrypoint, makeRequest(method, url, normal, headers, body), invocation, props),
  );
}

export function dispatchObject(
  invocation: InvocationId, method: string, url: string, normal: boolean, headers: string,
  body: BodyId, target: [className: string, id: string, name: string, alarm: string],
): void {
  const [className, id, name, alarm] = target;
  const { objectIdOf, dispatchAlarm, fetchHere } = objects.load();
  if (alarm !== "") return dispatchAlarm(invocation, className, id, name, alarm);
  answer(invocation, () =>
    fetchHere(
      className,
      namespaceId(worker.name, className),
      objectIdOf(id, name === "" ? undefined : name),
      makeRequest(method, url, normal, headers, body),
    ),
  );
}

export { FetchEvent };
