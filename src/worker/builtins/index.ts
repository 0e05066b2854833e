// The script that becomes the startup snapshot. Its value is what C++ calls.
import {
  encodeBodyManually,
  applyCompatibility,
  fireTimer,
  installGlobals,
  makeLazyGlobal,
  makeIncomingRequest,
  responseHeaderBlock,
  responseIsError,
  responseStatus,
  responseStatusText,
  responseWebSocket,
  forms,
  inspection,
  messages,
  streams,
  subtle,
  takeBody,
  urlPattern,
  websockets,
} from "../../web/builtins/index.ts";
import { hasCompatibility } from "../../web/builtins/compatibility.ts";
import { ExecutionContext, makeContext } from "./context.ts";
import { describeExports, dispatchEntrypoint, dispatchFetch, dispatchObject, FetchEvent, installExports } from "./dispatch.ts";
import { type BindingDescription, fillEnv } from "./env.ts";
import { fetch } from "./fetch.ts";
import { events, exceptions, kv, objects, rateLimit, rpc, sockets } from "./groups.ts";
import { installNodeModules, useNodeModules, withNodeModules } from "./node_modules.ts";
import { worker } from "./state.ts";
import { workersModule } from "./workers_module.ts";

type RpcAcceptArguments = Parameters<typeof import("./rpc_entry.ts").rpcAccept>;
type RpcMessageArguments = Parameters<typeof import("./rpc_session.ts").rpcMessage>;

installGlobals(globalThis);
for (const [name, value] of Object.entries({ fetch, ExecutionContext, FetchEvent })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/** What the runtime itself brings, by the name that imports use. */
const modules = withNodeModules({ __proto__: null, "cloudflare:workers": workersModule });

/** Before the worker's modules run: `env` is there for them to import. */
function prepare(description: string, traced = false): void {
  worker.traced = traced;
  const parsed = JSON.parse(description) as {
    name: string;
    versionId: string;
    serviceWorker: boolean;
    compatibilityDate: string;
    compatibilityFlags: string[];
    bindings: BindingDescription[];
    objectNamespaces: [worker: string, className: string, id: string][];
  };
  worker.name = parsed.name;
  worker.versionId = parsed.versionId;
  for (const [script, className, id] of parsed.objectNamespaces) {
    worker.objectNamespaces.set(`${script}/${className}`, id);
  }
  applyCompatibility(parsed.compatibilityDate, parsed.compatibilityFlags);
  worker.deleteAllDeletesAlarm = hasCompatibility(
    parsed.compatibilityDate, parsed.compatibilityFlags,
    "delete_all_deletes_alarm", "delete_all_preserves_alarm", "2026-02-24",
  );
  if (parsed.compatibilityFlags.includes("experimental")) kv.load().enableDeleteBulk();
  fillEnv(worker.env, parsed.bindings, parsed.versionId);
  installNodeModules(parsed.compatibilityDate, parsed.compatibilityFlags);
  if (parsed.serviceWorker) {
    // No env is passed to listeners: a service worker's bindings are globals.
    for (const [name, value] of Object.entries(worker.env)) {
      Object.defineProperty(globalThis, name, { value, enumerable: true, writable: true, configurable: true });
    }
  }
}

/** Runs what nearly every first request runs: the snapshot keeps the code that V8 compiled, so that a
 * new isolate does not compile it; an isolate made ahead of time also has the memory for it. */
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
  rehearse();
}

/** A worker's start and its first answers, which go nowhere; nothing of them stays. */
function rehearse(): void {
  prepare(JSON.stringify({
    name: "", versionId: "", serviceWorker: false, compatibilityDate: "9999",
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2"],
    bindings: [{ type: "text", name: "TEXT", value: "", className: "", script: "", entrypoint: "", props: "" }],
    objectNamespaces: [],
  }));
  const ask = () => dispatchFetch(0, "GET", "http://localhost/", true, "Host: localhost\r\n", -1);
  installExports({ default: { fetch: () => new Response("") } });
  ask();
  installExports({ default: { fetch: async () => new Response("") } });
  ask();
  installExports({ default: null });
  delete worker.env.TEXT;
  delete worker.exports.default;
}
warmUp();

/** Uses every group once, so that its code is compiled before it is kept beside the snapshot. */
function useGroups(): void {
  for (const group of [
    streams, forms, inspection, websockets, kv, events, exceptions, objects, rpc, messages, subtle,
    urlPattern, rateLimit,
  ]) {
    group.load();
  }
  useNodeModules();
  const form = new FormData();
  form.append("name", "value");
  new Response(form).body!.getReader();
  new Response(new ReadableStream({ pull: (controller) => controller.close() })).text();
  new Response(new Blob(["text"])).body!.pipeThrough(new (streams.load().TextDecoderStream)());
  inspection.load().formatLog(["%s", "text", { object: [1, "two", null], map: new Map() }], {});
  const [, server] = Object.values(new WebSocketPair());
  server!.accept();
}

(globalThis as unknown as { __builtins: object }).__builtins = {
  prepare,
  install: installExports,
  describeExports,
  dispatchFetch,
  dispatchEntrypoint,
  dispatchObject,
  dispatchScheduled: (...args: [InvocationId, number, string]) => events.load().dispatchScheduled(...args),
  dispatchTail: (...args: [InvocationId, string]) => events.load().dispatchTail(...args),
  fireTimer,
  socketMessage: (number: number, data: string | ArrayBuffer, invocation: number) =>
    sockets.load().socketMessage(number, data, invocation),
  socketClose: (...args: [number, string, number, number]) => sockets.load().socketClosed(...args),
  socketError: (...args: [number, string]) => sockets.load().socketError(...args),
  runObjectEvents: () => objects.load().runObjectEvents(),
  // Of objects that nobody has made there is nothing to reset or to let go.
  resetObject: (...args: [InvocationId, string, boolean]) => objects.loaded?.resetObject(...args),
  evictObjects: (...args: [number, number]) => objects.loaded?.evictObjects(...args),
  endObjects: (...args: [string]) => objects.loaded?.endObjects(...args),
  rpcAccept: (...args: RpcAcceptArguments) => rpc.load().rpcAccept(...args),
  rpcMessage: (...args: RpcMessageArguments) => rpc.load().rpcMessage(...args),
  rpcClosed: (...args: [number[]]) => rpc.load().rpcClosed(...args),
  makeLazyGlobal,
  useGroups,
  warmUp,
  makeDOMException: (message: string, name: string) => new DOMException(message, name),
  modules,
};
