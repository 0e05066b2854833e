// Errors as Node words them: a code, and the name with the code in the stack.

type ErrorClass = new (message: string) => Error;

export function nodeError(Base: ErrorClass, code: string, message: string, properties?: object): Error {
  const error = new Base(message);
  Object.defineProperty(error, "code", { value: code, enumerable: true, writable: true, configurable: true });
  return Object.assign(error, properties);
}

function described(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const name = (value as object).constructor?.name;
    return name ? `an instance of ${name}` : "an object";
  }
  const text = typeof value === "string" ? `'${value.length > 28 ? `${value.slice(0, 25)}...` : value}'` : String(value);
  return `type ${typeof value} (${text}${typeof value === "bigint" ? "n" : ""})`;
}

const classNames = /^[A-Z]/;

/** `expected`: "string", "function", "Buffer", ... or several of them. */
export function invalidArgType(name: string, expected: string | string[], actual: unknown): Error {
  const all = [expected].flat();
  const types = all.filter((each) => !classNames.test(each));
  const classes = all.filter((each) => classNames.test(each));
  const list = (words: string[]) =>
    words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")}${words.length > 2 ? "," : ""} or ${words.at(-1)}`;
  const parts: string[] = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? "one of type" : "of type"} ${list(types)}`);
  if (classes.length > 0) parts.push(`an instance of ${list(classes)}`);
  const what = name.includes(".") ? "property" : "argument";
  return nodeError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The "${name}" ${what} must be ${parts.join(" or ")}. Received ${described(actual)}`,
  );
}

export function invalidArgValue(name: string, value: unknown, reason = "is invalid"): Error {
  const what = name.includes(".") ? "property" : "argument";
  return nodeError(
    TypeError, "ERR_INVALID_ARG_VALUE", `The ${what} '${name}' ${reason}. Received ${typeof value === "string" ? `'${value}'` : String(value)}`,
  );
}

export function outOfRange(name: string, range: string, actual: unknown): Error {
  return nodeError(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${String(actual)}${typeof actual === "bigint" ? "n" : ""}`,
  );
}

export function checkFunction(value: unknown, name: string): asserts value is (...args: any[]) => any {
  if (typeof value !== "function") throw invalidArgType(name, "function", value);
}

export function checkString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw invalidArgType(name, "string", value);
}

export function checkInteger(value: unknown, name: string, least = -0x1fffffffffffff, most = 0x1fffffffffffff): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
}

export function abortError(signal: AbortSignal | undefined): Error {
  return nodeError(Error, "ABORT_ERR", "The operation was aborted", { name: "AbortError", cause: signal?.reason });
}
