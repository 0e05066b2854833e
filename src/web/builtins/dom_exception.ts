// DOMException.
// https://webidl.spec.whatwg.org/#idl-DOMException
import { defineConstants, defineInterface } from "./webidl.ts";

const codes: Record<string, number> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

const captureStackTrace = (
  Error as unknown as { captureStackTrace(target: object, above?: unknown): void }
).captureStackTrace;

/**
 * Error's prototype stands behind it, but it is no error to V8: that would leave the message, which
 * is an accessor here, out of the stack, and out of a structured clone.
 */
export interface DOMException extends Error {}
export class DOMException {
  #message: string;
  #name: string;

  constructor(message: unknown = "", options: unknown = "Error") {
    this.#message = `${message as string}`;
    if (typeof options === "object" && options !== null) {
      const { name, cause } = options as { name?: unknown; cause?: unknown };
      this.#name = name === undefined ? "Error" : `${name as string}`;
      if ("cause" in options) {
        Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true });
      }
    } else {
      this.#name = `${options as string}`;
    }
    captureStackTrace(this, new.target);
  }

  get message(): string {
    return this.#message;
  }
  get name(): string {
    return this.#name;
  }
  get code(): number {
    return codes[this.#name] ?? 0;
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
defineInterface(DOMException, "DOMException");
defineConstants(DOMException, {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
});

/** For js::throw_dom_exception(). */
export function makeDOMException(message: string, name: string): DOMException {
  return new DOMException(message, name);
}
