// The script that becomes the startup snapshot. Its value is what C++ calls.
import {
  encodeBodyManually,
  applyCompatibility,
  fireTimer,
  installGlobals,
  makeIncomingRequest,
  responseHeaderBlock,
  responseIsError,
  responseStatus,
  responseStatusText,
  responseWebSocket,
  takeBody,
} from "../../web/builtins/index.ts";
import { evictObjects, resetObjects, runObjectEvents } from "./actor.ts";
import { ExecutionContext, makeContext } from "./context.ts";
import { dispatchEntrypoint, dispatchFetch, dispatchObject, FetchEvent, installExports } from "./dispatch.ts";
import { type BindingDescription, fillEnv } from "./env.ts";
import { fetch } from "./fetch.ts";
import { socketClosed, socketError, socketMessage } from "./sockets.ts";
import { worker } from "./state.ts";
import { workersModule } from "./workers_module.ts";

installGlobals(globalThis);
for (const [name, value] of Object.entries({ fetch, ExecutionContext, FetchEvent })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/** Before the worker's modules run: `env` is there for them to import. */
function prepare(description: string): void {
  const parsed = JSON.parse(description) as {
    name: string;
    versionId: string;
    serviceWorker: boolean;
    compatibilityDate: string;
    compatibilityFlags: string[];
    bindings: BindingDescription[];
  };
  worker.name = parsed.name;
  worker.versionId = parsed.versionId;
  applyCompatibility(parsed.compatibilityDate, parsed.compatibilityFlags);
  fillEnv(worker.env, parsed.bindings, parsed.versionId);
  if (parsed.serviceWorker) {
    // No env is passed to listeners: a service worker's bindings are globals.
    for (const [name, value] of Object.entries(worker.env)) {
      Object.defineProperty(globalThis, name, { value, enumerable: true, writable: true, configurable: true });
    }
  }
}

/** Runs once what nearly every first request runs: the snapshot keeps the code that V8 compiled, so
 * that a new isolate does not compile it. */
function warmUp(): void {
  const request = makeIncomingRequest("GET", "http://localhost/a?b=c", "Host: localhost\r\n", -1, {});
  const url = new URL(request.url);
  const text = url.pathname + request.method + String(url.searchParams.get("b"));
  request.headers.get("host");
  for (const response of [
    new Response(text),
    new Response(text, { status: 404, headers: { "Content-Type": "text/plain" } }),
    Response.json({ text }),
  ]) {
    responseWebSocket(response);
    responseIsError(response);
    responseStatus(response);
    responseStatusText(response);
    responseHeaderBlock(response);
    encodeBodyManually(response);
    takeBody(response);
  }
  makeContext(0).props;
}
warmUp();

(globalThis as unknown as { __builtins: object }).__builtins = {
  prepare,
  install: installExports,
  dispatchFetch,
  dispatchEntrypoint,
  dispatchObject,
  fireTimer,
  socketMessage,
  socketClose: socketClosed,
  socketError,
  runObjectEvents,
  resetObjects,
  evictObjects,
  makeDOMException: (message: string, name: string) => new DOMException(message, name),
  modules: { "cloudflare:workers": workersModule },
};
