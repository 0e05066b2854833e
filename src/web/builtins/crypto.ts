// crypto: random values and digests. What needs keys is a group of its own: subtle.group.ts.
// https://w3c.github.io/webcrypto/
import { DOMException } from "./dom_exception.ts";
import { subtle as subtleGroup } from "./groups.ts";
import { natives } from "./natives.ts";
import { badArgument, bytesOfSource, defineInterface, illegalConstructor, illegalInvocation } from "./webidl.ts";

const { digest, randomFill, randomUuid, timingSafeEqual } = natives;

const internal = Symbol();
const maxRandomBytes = 65536;

/** In upper case, as names are compared, to what natives call it. */
const digests: Record<string, string | undefined> = {
  "SHA-1": "SHA-1",
  "SHA-256": "SHA-256",
  "SHA-384": "SHA-384",
  "SHA-512": "SHA-512",
  MD5: "MD5",
};

let isSubtle: (value: object) => boolean;

export class SubtleCrypto {
  #brand = true;
  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
  }

  static {
    isSubtle = (value) => #brand in value;
  }

  async digest(algorithm: string | { name: string }, data: unknown): Promise<ArrayBuffer> {
    void this.#brand;
    const given =
      typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
    const name = digests[`${given}`.toUpperCase()];
    if (name === undefined) {
      throw new DOMException(
        "Unrecognized or unimplemented digest algorithm requested.",
        "NotSupportedError",
      );
    }
    const bytes = bytesOfSource(data);
    if (bytes === undefined) {
      throw badArgument("digest", "SubtleCrypto", 2, "JsBufferSource");
    }
    return digest(name, bytes);
  }

  /** Compares without telling by its duration where a difference is; a Workers extension. */
  timingSafeEqual(a: unknown, b: unknown): boolean {
    void this.#brand;
    const left = bytesOfSource(a);
    const right = bytesOfSource(b);
    if (left === undefined || right === undefined) {
      throw badArgument(
        "timingSafeEqual",
        "SubtleCrypto",
        left === undefined ? 1 : 2,
        "JsBufferSource",
      );
    }
    if (left.length !== right.length) {
      throw new TypeError("Input buffers must have the same byte length.");
    }
    return timingSafeEqual(left, right);
  }
}

const keyMethods = [
  "importKey", "exportKey", "generateKey", "sign", "verify", "encrypt", "decrypt", "deriveBits", "deriveKey",
  "wrapKey", "unwrapKey",
];
const lengths = [5, 2, 3, 3, 4, 3, 3, 2, 5, 4, 7];
keyMethods.forEach((name, i) => {
  const method = {
    async [name](this: SubtleCrypto, ...args: unknown[]): Promise<unknown> {
      if (!isSubtle(this)) throw illegalInvocation();
      if (args.length < lengths[i]!) {
        throw new TypeError(
          `Failed to execute '${name}' on 'SubtleCrypto': ${lengths[i]} arguments required, but only ${args.length} present.`,
        );
      }
      return await (subtleGroup.load() as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!(...args);
    },
  }[name]!;
  Object.defineProperty(method, "length", { value: lengths[i], configurable: true });
  Object.defineProperty(SubtleCrypto.prototype, name, { value: method, writable: true, configurable: true });
});
defineInterface(SubtleCrypto, "SubtleCrypto");

const subtle = new SubtleCrypto(internal);

export class Crypto {
  #brand = true;
  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
  }

  get subtle(): SubtleCrypto {
    void this.#brand;
    return subtle;
  }

  getRandomValues<T extends ArrayBufferView>(view: T): T {
    void this.#brand;
    if (!ArrayBuffer.isView(view)) {
      throw badArgument("getRandomValues", "Crypto", 1, "JsArrayBufferView");
    }
    if (
      view instanceof DataView ||
      view instanceof Float32Array ||
      view instanceof Float64Array ||
      isFloat16Array(view)
    ) {
      throw new DOMException(
        "ArrayBufferView argument to getRandomValues() must be an integer-typed view.",
        "TypeMismatchError",
      );
    }
    if (view.byteLength > maxRandomBytes) {
      throw new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${view.byteLength} bytes.`,
        "QuotaExceededError",
      );
    }
    randomFill(view);
    return view;
  }

  randomUUID(): string {
    void this.#brand;
    return randomUuid();
  }
}
defineInterface(Crypto, "Crypto");

function isFloat16Array(view: ArrayBufferView): boolean {
  const { Float16Array } = globalThis as unknown as { Float16Array?: new () => ArrayBufferView };
  return Float16Array !== undefined && view instanceof Float16Array;
}

export const crypto = new Crypto(internal);
