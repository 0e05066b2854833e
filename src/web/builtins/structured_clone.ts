// structuredClone(). The algorithm is V8's; here are the platform objects that it asks about.
// https://html.spec.whatwg.org/multipage/structured-data.html
import { DOMException } from "./dom_exception.ts";
import { forms, isBlob, isFile } from "./groups.ts";
import { Headers } from "./headers.ts";
import { natives } from "./natives.ts";
import { isRequest, Request, type RequestInit } from "./request.ts";
import { isResponse, Response, type ResponseInit } from "./response.ts";
import { badArgument, isObject, platformPrototypes } from "./webidl.ts";

const cloneNatively = natives.structuredClone;

export const cloneHooks: CloneHooks = {
  isPlatformObject(value) {
    for (
      let prototype: unknown = Object.getPrototypeOf(value);
      prototype !== null;
      prototype = Object.getPrototypeOf(prototype)
    ) {
      if (platformPrototypes.has(prototype as object)) return true;
    }
    return false;
  },
  write(value) {
    if (isFile(value)) {
      const { name, type, lastModified } = value;
      return ["File", { bytes: forms.load().blobBytes(value).slice(), name, type, lastModified }];
    }
    if (isBlob(value)) {
      return ["Blob", { bytes: forms.load().blobBytes(value).slice(), type: value.type }];
    }
    if (value instanceof DOMException) {
      const { name, message, stack } = value;
      return ["DOMException", { name, message, stack }];
    }
    if (value instanceof Headers) return ["Headers", [...value]];
    if (isRequest(value) && value.body === null) {
      const { method, url, redirect } = value;
      return ["Request", { url, method, redirect, headers: [...value.headers] }];
    }
    if (isResponse(value) && value.body === null && value.webSocket === null) {
      const { status, statusText } = value;
      return ["Response", { status, statusText, headers: [...value.headers] }];
    }
    throw new DOMException(refusal(value), "DataCloneError");
  },
  // Called while V8 reads: nothing here may run a script's code.
  read(tag, value) {
    switch (tag) {
      case "File": {
        const { bytes, name, type, lastModified } = value as {
          bytes: Uint8Array;
          name: string;
          type: string;
          lastModified: number;
        };
        return forms.load().fileOf(bytes, name, type, lastModified);
      }
      case "Blob": {
        const { bytes, type } = value as { bytes: Uint8Array; type: string };
        return forms.load().blobOf(bytes, type);
      }
      case "Headers":
        return new Headers(value as [string, string][]);
      case "Request":
        return new Request((value as { url: string }).url, value as RequestInit);
      case "Response":
        return new Response(null, value as ResponseInit);
      default: {
        const { name, message, stack } = value as { name: string; message: string; stack: string };
        const exception = new DOMException(message, name);
        Object.defineProperty(exception, "stack", {
          value: stack,
          configurable: true,
          writable: true,
        });
        return exception;
      }
    }
  },
};

/** Why an object of one of the platform's classes cannot be copied, in workerd's words. */
function refusal(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  switch (tag) {
    case "ReadableStream":
    case "WritableStream":
      return `${tag} can only be serialized for RPC.`;
    case "Request":
    case "Response":
      return "ReadableStream can only be serialized for RPC.";
    case "AbortSignal":
      return "AbortSignal serialization is not enabled.";
    case "DurableObject":
    case "Fetcher":
      return "ServiceStub cannot be serialized in this context.";
    case "JsRpcTarget":
      return "Remote RPC references can only be serialized for RPC.";
    default:
      return `Could not serialize object of type "${tag === "Object" ? value.constructor.name : tag}". This type does not support serialization.`;
  }
}

export function structuredClone(
  value: unknown,
  options: { transfer?: Iterable<unknown> } | undefined = undefined,
): unknown {
  if (arguments.length === 0) {
    throw badArgument("structuredClone", "ServiceWorkerGlobalScope", 1, "JsValue");
  }
  // What cannot change is its own clone.
  if (!isObject(value) && typeof value !== "symbol" && options?.transfer === undefined) return value;
  const transfer = options?.transfer === undefined ? [] : [...options.transfer];
  return cloneNatively(value, transfer, cloneHooks);
}
