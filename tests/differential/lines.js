// What every program prints with; bundled into each as "lines". Only the language's own features are
// used, so that whatever differs between two runtimes is the program's doing.

/** What was printed so far, by the program and by the objects and entrypoints beside it. */
export const lines = [];

/** One line: the label, and each of the values as show() has it. */
export function print(label, ...values) {
  lines.push(values.length === 0 ? label : `${label}: ${values.map((value) => show(value)).join(", ")}`);
}

/** Prints what `work` returns, resolves to, throws or rejects with. Gives the value back. */
export async function attempt(label, work) {
  let value;
  try {
    value = await work();
  } catch (error) {
    print(`${label}: throws ${show(error)}`);
    return undefined;
  }
  print(label, value);
  return value;
}

/** As attempt(), and tells a throw from a rejected promise. */
export function attemptNow(label, work) {
  try {
    const value = work();
    if (value instanceof Promise) {
      return value.then(
        (settled) => print(`${label}: resolves to ${show(settled)}`),
        (error) => print(`${label}: rejects with ${show(error)}`),
      );
    }
    print(label, value);
  } catch (error) {
    print(`${label}: throws ${show(error)}`);
  }
  return undefined;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition` holds, however long that takes within a program's time. */
export async function until(condition) {
  while (!(await condition())) await pause(2);
}

const hex = (bytes) => [...bytes.slice(0, 32)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

function showError(error) {
  const exception = Object.prototype.toString.call(error) === "[object DOMException]";
  const kind = exception ? "DOMException " : "";
  const marks = Object.keys(error)
    .filter((key) => !["stack", "message", "name"].includes(key) && !(exception && key === "code"))
    .sort()
    .map((key) => ` ${key}=${show(error[key])}`)
    .join("");
  const cause = Object.hasOwn(error, "cause") && error.cause !== undefined ? ` (cause ${show(error.cause)})` : "";
  return `${kind}${error.name}: ${error.message}${marks}${cause}`;
}

function showMembers(value, depth) {
  return Object.keys(value).map((key) => `${/^\w+$/.test(key) ? key : JSON.stringify(key)}: ${show(value[key], depth + 1)}`).join(", ");
}

/** A value as text, with its kind: the same for the same value everywhere. */
export function show(value, depth = 0) {
  if (depth > 6) return "...";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 400 ? `${value.slice(0, 400)}...(${value.length})` : value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return `[function ${value.name}]`;
    case "symbol":
    case "boolean":
    case "undefined":
      return String(value);
  }
  if (value === null) return "null";
  if (value instanceof Error || Object.prototype.toString.call(value) === "[object DOMException]") return showError(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => show(item, depth + 1)).join(", ")}]`;
  if (value instanceof Map) {
    return `Map{${[...value].map(([key, item]) => `${show(key, depth + 1)} => ${show(item, depth + 1)}`).join(", ")}}`;
  }
  if (value instanceof Set) return `Set{${[...value].map((item) => show(item, depth + 1)).join(", ")}}`;
  if (value instanceof Date) return `Date(${Number.isNaN(value.getTime()) ? "invalid" : value.toISOString()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer<${value.byteLength}: ${hex(new Uint8Array(value))}>`;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}<${value.byteLength}: ${hex(bytes)}>`;
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return `[${value.constructor.name} ${show(value.valueOf())}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  const name = prototype === null ? "null-prototype " : prototype === Object.prototype ? "" : `${value.constructor?.name} `;
  return `${name}{${showMembers(value, depth)}}`;
}
