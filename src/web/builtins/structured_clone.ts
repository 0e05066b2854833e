// structuredClone(). The algorithm is V8's; here are the platform objects that it asks about.
// https://html.spec.whatwg.org/multipage/structured-data.html
import { DOMException } from "./dom_exception.ts";
import { forms, isBlob, isFile } from "./groups.ts";
import { natives } from "./natives.ts";
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
    return undefined;
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
