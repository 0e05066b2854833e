// The script that becomes the startup snapshot. Its value is what C++ calls.
import { fireTimer, installGlobals } from "../../web/builtins/index.ts";
import { evictObjects, resetObjects, runObjectEvents } from "./actor.ts";
import { ExecutionContext } from "./context.ts";
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
    bindings: BindingDescription[];
  };
  worker.name = parsed.name;
  worker.versionId = parsed.versionId;
  fillEnv(worker.env, parsed.bindings, parsed.versionId);
}

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
