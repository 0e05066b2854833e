// Errors on their way through RPC: their kind, message and own properties; the stack stays behind.

const kinds: Record<string, new (message: string) => Error> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

type ErrorContent = [name: string, message: string, properties: Record<string, unknown>];

/** `copy` makes of each own property what can travel. */
export function encodeError(error: Error, copy: (value: unknown) => unknown): ErrorContent {
  const properties: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "name" || key === "message" || key === "stack") continue;
    properties[key] = copy((error as unknown as Record<string, unknown>)[key]);
  }
  return [String(error.name), String(error.message), { ...properties }];
}

/** Runs no user code. There is no stack but the message; see remote(). */
export function decodeError(
  name: string,
  message: string,
  properties: Record<string, unknown>,
): Error {
  let error: Error;
  if (name === "AggregateError") {
    error = new AggregateError([], message);
  } else {
    error = new (kinds[name] ?? Error)(message);
    if (kinds[name] === undefined) define(error, "name", name);
  }
  for (const key of Object.keys(properties)) define(error, key, properties[key]);
  const stack = message === "" ? name : `${name}: ${message}`;
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return error;
}

function define(error: object, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
}

const { captureStackTrace } = Error as unknown as {
  captureStackTrace(target: object, above?: unknown): void;
};

/** An error that another worker threw, as its caller gets it: with a stack of those who wait for
 * `receive`, a function that runs. */
export function remote(error: unknown, receive?: () => void): unknown {
  if (typeof error !== "object" || error === null) return error;
  // As on Workers: of the end of an object a caller hears from the runtime, not from the object.
  if ((error as { durableObjectReset?: unknown }).durableObjectReset !== true) define(error, "remote", true);
  if (error instanceof Error && receive !== undefined) captureStackTrace(error, receive);
  return error;
}

/** When an error cannot travel as it is: its kind and message. */
export function plainError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return decodeError(String(error.name), String(error.message), {});
}

/** Why a session ended, in a form that JSON has; see closeError(). */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), properties: {} };
  const [name, message, properties] = encodeError(error, (value) =>
    typeof value === "object" ? undefined : value,
  );
  return { name, message, properties };
}

/** `reason`: a sentence, or a description. */
export function closeError(reason: string | undefined): Error {
  if (reason === undefined) {
    return new Error("The execution context which hosts this callback is no longer running.");
  }
  if (!reason.startsWith("{")) return new Error(reason);
  const { name, message, properties } = JSON.parse(reason) as {
    name: string;
    message: string;
    properties: Record<string, unknown>;
  };
  return remote(decodeError(name, message, properties)) as Error;
}
