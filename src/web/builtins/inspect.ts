// Values as text, the way that console.log shows them: the conventions of Node's util.inspect,
// which Workers use as well.
import { DOMException } from "./dom_exception.ts";
import { natives } from "./natives.ts";
import { platformPrototypes } from "./webidl.ts";

const { promiseDetails, proxyDetails, previewEntries, builtinKind } = natives;

export interface InspectOptions {
  depth?: number | null;
  colors?: boolean;
  breakLength?: number;
  compact?: number;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  showHidden?: boolean;
  sorted?: boolean;
}

interface Context {
  depth: number;
  colors: boolean;
  breakLength: number;
  compact: number;
  maxArrayLength: number;
  maxStringLength: number;
  showHidden: boolean;
  sorted: boolean;
  /** Objects between the root and the one being formatted. */
  seen: object[];
  /** Those that turned out to be referred to from within, with their number. */
  circular: Map<object, number>;
  indentation: number;
  /** Depth of the object formatted last: how deeply nested the inner ones were. */
  currentDepth: number;
  options: InspectOptions;
}

const customInspect = Symbol.for("nodejs.util.inspect.custom");

const styles: Record<string, readonly [number, number]> = {
  special: [36, 39],
  number: [33, 39],
  bigint: [33, 39],
  boolean: [33, 39],
  undefined: [90, 39],
  null: [1, 22],
  string: [32, 39],
  symbol: [32, 39],
  date: [35, 39],
  regexp: [31, 39],
  module: [4, 24],
};

function style(context: Context, text: string, kind: string): string {
  const codes = styles[kind];
  if (!context.colors || codes === undefined) return text;
  return `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
}

/** Without escape sequences, roughly: how many columns it takes. */
function width(context: Context, text: string): number {
  return context.colors ? text.replaceAll(/\u001b\[\d+m/g, "").length : text.length;
}

export function inspect(value: unknown, options: InspectOptions = {}): string {
  const context: Context = {
    depth: options.depth === null ? Infinity : (options.depth ?? 2),
    colors: options.colors ?? false,
    breakLength: options.breakLength ?? 80,
    compact: options.compact ?? 3,
    maxArrayLength: options.maxArrayLength === null ? Infinity : (options.maxArrayLength ?? 100),
    maxStringLength:
      options.maxStringLength === null ? Infinity : (options.maxStringLength ?? 10000),
    showHidden: options.showHidden ?? false,
    sorted: options.sorted ?? false,
    seen: [],
    circular: new Map(),
    indentation: 0,
    currentDepth: 0,
    options,
  };
  return formatValue(context, value, 0);
}

function formatValue(context: Context, value: unknown, depth: number): string {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") {
    return formatPrimitive(context, value);
  }
  let object = value as object;
  const proxy = proxyDetails(object);
  if (proxy !== undefined) {
    if (proxy[0] === null) return style(context, "<Revoked Proxy>", "special");
    // Show what is behind it, running none of its traps.
    object = proxy[0];
    return formatValue(context, object, depth);
  }
  const custom = readCustom(object);
  if (custom !== undefined) {
    const left = context.depth - depth;
    const result: unknown = custom.call(
      object,
      left,
      { ...context.options, depth: left, stylize: (text: string, kind: string) => style(context, text, kind) },
      inspect,
    );
    if (result !== object) {
      return typeof result === "object" && result !== null
        ? formatValue(context, result, depth)
        : String(result).replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
    }
  }
  if (context.seen.includes(object)) {
    let number = context.circular.get(object);
    if (number === undefined) context.circular.set(object, (number = context.circular.size + 1));
    return style(context, `[Circular *${number}]`, "special");
  }
  return formatObject(context, object, depth);
}

function readCustom(object: object): ((...args: unknown[]) => unknown) | undefined {
  const custom = (object as Record<symbol, unknown>)[customInspect];
  return typeof custom === "function" && custom !== inspect
    ? (custom as (...args: unknown[]) => unknown)
    : undefined;
}

function formatPrimitive(context: Context, value: unknown): string {
  switch (typeof value) {
    case "string": {
      let text = value;
      let rest = "";
      if (text.length > context.maxStringLength) {
        const left = text.length - context.maxStringLength;
        text = text.slice(0, context.maxStringLength);
        rest = `... ${left} more character${left > 1 ? "s" : ""}`;
      }
      // Long texts of several lines are shown line by line.
      if (
        text.length > 16 &&
        text.length > context.breakLength - context.indentation - 4 &&
        text.includes("\n")
      ) {
        return (
          (text.match(/[^\n]*\n|[^\n]+$/g) ?? [text])
            .map((line) => style(context, quote(line), "string"))
            .join(` +\n${" ".repeat(context.indentation + 2)}`) + rest
        );
      }
      return style(context, quote(text), "string") + rest;
    }
    case "number":
      return style(context, Object.is(value, -0) ? "-0" : `${value}`, "number");
    case "bigint":
      return style(context, `${value}n`, "bigint");
    case "boolean":
      return style(context, `${value}`, "boolean");
    case "undefined":
      return style(context, "undefined", "undefined");
    case "symbol":
      return style(context, value.toString(), "symbol");
  }
  return style(context, "null", "null");
}

function quote(text: string): string {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes("`") && !text.includes("${")) mark = "`";
  }
  let result = mark;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === mark.charCodeAt(0)) result += `\\${mark}`;
    else if (code === 0x5c) result += "\\\\";
    else if (code === 0x0a) result += "\\n";
    else if (code === 0x0d) result += "\\r";
    else if (code === 0x09) result += "\\t";
    else if (code === 0x08) result += "\\b";
    else if (code === 0x0b) result += "\\v";
    else if (code === 0x0c) result += "\\f";
    else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
      result += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    } else if (code >= 0xd800 && code <= 0xdfff) {
      const next = text.charCodeAt(i + 1);
      if (code <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
        result += text[i]! + text[++i]!;
      } else {
        result += `\\u${code.toString(16).toUpperCase()}`;
      }
    } else {
      result += text[i]!;
    }
  }
  return result + mark;
}

/** The name of the class an object was made by, found without running getters; null: no prototype. */
function classNameOf(object: object): string | null {
  for (
    let at: object | null = object, first = true;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null, first = false
  ) {
    const descriptor = Reflect.getOwnPropertyDescriptor(at, "constructor");
    const constructor: unknown = descriptor?.value;
    if (typeof constructor === "function" && constructor.name !== "") {
      // An object that is itself a prototype was not made by its own constructor.
      if (!first || !Object.is((constructor as { prototype?: unknown }).prototype, at)) {
        return constructor.name;
      }
    }
  }
  return null;
}

function tagOf(object: object, className: string | null): string {
  let tag: unknown;
  try {
    tag = (object as Record<symbol, unknown>)[Symbol.toStringTag];
  } catch {
    return "";
  }
  return typeof tag === "string" && tag !== "" && tag !== className ? tag : "";
}

/** "Name " or "Name [tag] " or "[Kind: null prototype] ". */
function prefix(className: string | null, tag: string, fallback: string, size = ""): string {
  if (className === null) {
    return tag !== "" && tag !== fallback
      ? `[${fallback}${size}: null prototype] [${tag}] `
      : `[${fallback}${size}: null prototype] `;
  }
  return tag !== "" ? `${className}${size} [${tag}] ` : `${className}${size} `;
}

function keysOf(context: Context, object: object): PropertyKey[] {
  const keys: PropertyKey[] = context.showHidden
    ? Object.getOwnPropertyNames(object)
    : Object.keys(object);
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (context.showHidden || Object.prototype.propertyIsEnumerable.call(object, symbol)) {
      keys.push(symbol);
    }
  }
  return keys;
}

function isIndex(key: PropertyKey): boolean {
  return typeof key === "string" && /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 4294967295;
}

type Formatter = (context: Context, depth: number) => string[];

function formatObject(context: Context, object: object, depth: number): string {
  const className = classNameOf(object);
  const tag = tagOf(object, className);
  const kind = object instanceof DOMException ? "Error" : builtinKind(object);
  let keys = keysOf(context, object);
  let base = "";
  let open = "{";
  let close = "}";
  let isArray = false;
  let format: Formatter = () => [];

  switch (kind) {
    case "Array": {
      const array = object as unknown[];
      keys = keys.filter((key) => !isIndex(key) && key !== "length");
      open = `${className !== "Array" || tag !== "" ? prefix(className, tag, "Array", `(${array.length})`) : ""}[`;
      close = "]";
      isArray = true;
      if (array.length === 0 && keys.length === 0) return `${open}]`;
      format = (c, d) => formatArray(c, array, d);
      break;
    }
    case "TypedArray": {
      const array = object as Uint8Array;
      keys = keys.filter((key) => !isIndex(key));
      const name = className ?? "TypedArray";
      open = `${prefix(name, tag, name, `(${array.length})`)}[`;
      close = "]";
      isArray = true;
      if (array.length === 0 && keys.length === 0) return `${open}]`;
      format = (c) => formatTypedArray(c, array);
      break;
    }
    case "Map": {
      const map = object as Map<unknown, unknown>;
      open = `${prefix(className, tag, "Map", `(${mapSize.call(map)})`)}{`;
      format = (c, d) => {
        c.indentation += 2;
        const lines: string[] = [];
        for (const [key, value] of pairs(previewEntries(map)![0])) {
          lines.push(`${formatValue(c, key, d)} => ${formatValue(c, value, d)}`);
        }
        c.indentation -= 2;
        return lines;
      };
      break;
    }
    case "Set": {
      const set = object as Set<unknown>;
      open = `${prefix(className, tag, "Set", `(${setSize.call(set)})`)}{`;
      format = (c, d) => formatList(c, previewEntries(set)![0], d);
      break;
    }
    case "MapIterator":
    case "SetIterator": {
      const [list, keyed] = previewEntries(object)!;
      open = `[${tag === "" ? kind : tag}] {`;
      format = (c, d) =>
        keyed
          ? pairs(list).map((pair) => `[ ${formatList(c, pair, d).join(", ")} ]`)
          : formatList(c, list, d);
      break;
    }
    case "WeakMap":
    case "WeakSet":
      open = `${prefix(className, tag, kind)}{`;
      format = (c) => [style(c, "<items unknown>", "special")];
      break;
    case "Promise": {
      open = `${prefix(className, tag, "Promise")}{`;
      const [state, result] = promiseDetails(object as Promise<unknown>);
      format = (c, d) => {
        if (state === 0) return [style(c, "<pending>", "special")];
        c.indentation += 2;
        const text = formatValue(c, result, d);
        c.indentation -= 2;
        return [state === 2 ? `${style(c, "<rejected>", "special")} ${text}` : text];
      };
      break;
    }
    case "ArrayBuffer":
    case "SharedArrayBuffer": {
      const buffer = object as ArrayBuffer;
      open = `${prefix(className, tag, kind)}{`;
      format = (c) => [
        `${style(c, "[Uint8Contents]", "special")}: <${hexDump(c, buffer)}>`,
        `byteLength: ${style(c, `${buffer.byteLength}`, "number")}`,
      ];
      break;
    }
    case "DataView": {
      const view = object as DataView;
      open = `${prefix(className, tag, kind)}{`;
      format = (c, d) => [
        `byteLength: ${style(c, `${view.byteLength}`, "number")}`,
        `byteOffset: ${style(c, `${view.byteOffset}`, "number")}`,
        `buffer: ${formatValue(c, view.buffer, d)}`,
      ];
      break;
    }
    case "Function":
      base = functionBase(object as () => void, className, tag);
      if (keys.length === 0) return style(context, base, "special");
      break;
    case "RegExp":
      base = regExpToString.call(object as RegExp);
      if (keys.length === 0) return style(context, base, "regexp");
      break;
    case "Date": {
      const date = object as Date;
      const time = dateGetTime.call(date);
      base = Number.isNaN(time) ? "Invalid Date" : dateToIso.call(date);
      if (keys.length === 0) return style(context, base, "date");
      break;
    }
    case "Error":
      base = formatError(context, object as Error, keys);
      if ("cause" in object && !keys.includes("cause") && Object.hasOwn(object, "cause")) {
        keys.push("cause");
      }
      if (Array.isArray((object as AggregateError).errors) && !keys.includes("errors")) {
        keys.push("errors");
      }
      if (keys.length === 0) return base;
      break;
    case "Primitive": {
      const primitive = (object as { valueOf(): unknown }).valueOf();
      const type = className ?? "Object";
      if (typeof primitive === "string") keys = keys.filter((key) => !isIndex(key));
      base = `[${type}: ${formatPrimitive({ ...context, colors: false }, primitive)}]`;
      if (keys.length === 0) return style(context, base, typeof primitive);
      break;
    }
    case "Arguments":
      open = "[Arguments] [";
      close = "]";
      isArray = true;
      keys = keys.filter((key) => !isIndex(key));
      format = (c, d) => formatArray(c, object as unknown[], d);
      break;
    case "Module":
      open = "[Module: null prototype] {";
      break;
    case "Generator":
      open = `Object [${tag}] {`;
      break;
    case "WeakRef":
      open = `${prefix(className, tag, kind)}{`;
      format = (c) => [style(c, "<ref>", "special")];
      break;
    case "External":
      return style(context, "[External]", "special");
    default: {
      const listing = platformListing(object);
      if (listing !== undefined) {
        // Streams keep their state in properties of their own.
        keys = keys.filter((key) => typeof key === "symbol" || !String(key).startsWith("_"));
        open = `${prefix(className, tag, "Object", listing.size)}{`;
        format = (c, d) => {
          c.indentation += 2;
          const lines = listing.entries.map(([key, value]) =>
            listing.arrow
              ? `${formatValue(c, key, d)} => ${formatValue(c, value, d)}`
              : `${key}: ${formatValue(c, value, d)}`,
          );
          c.indentation -= 2;
          return lines;
        };
        if (listing.entries.length === 0 && keys.length === 0) return `${open}}`;
      } else {
        open = className === "Object" && tag === "" ? "{" : `${prefix(className, tag, "Object")}{`;
        if (keys.length === 0) return `${open}}`;
      }
    }
  }

  if (depth > context.depth) {
    const name = isArray ? "Array" : (className ?? `${kind === "" ? "Object" : kind}: null prototype`);
    return style(context, `[${tag !== "" && !isArray ? `${name} [${tag}]` : name}]`, "special");
  }
  depth++;
  context.seen.push(object);
  context.currentDepth = depth;
  let lines: string[];
  try {
    lines = format(context, depth);
    if (context.sorted && !isArray) keys.sort((a, b) => (String(a) < String(b) ? -1 : 1));
    for (const key of keys) lines.push(formatProperty(context, object, key, depth));
  } finally {
    context.seen.pop();
  }
  const reference = context.circular.get(object);
  if (reference !== undefined) {
    const mark = style(context, `<ref *${reference}>`, "special");
    if (base === "") open = `${mark} ${open}`;
    else base = `${mark} ${base}`;
  }
  const count = lines.length;
  if (isArray && count > 6 && context.compact > 0) {
    lines = groupElements(context, lines, object as unknown[]);
  }
  return join(context, lines, base, open, close, depth, lines.length !== count);
}

const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get!;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, "size")!.get!;
const regExpToString = RegExp.prototype.toString;
const dateGetTime = Date.prototype.getTime;
const dateToIso = Date.prototype.toISOString;
const functionToString = Function.prototype.toString;

function pairs(list: unknown[]): [unknown, unknown][] {
  const result: [unknown, unknown][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) result.push([list[i], list[i + 1]]);
  return result;
}

function formatList(context: Context, list: unknown[], depth: number): string[] {
  context.indentation += 2;
  const shown = list.slice(0, context.maxArrayLength);
  const lines = shown.map((item) => formatValue(context, item, depth));
  if (shown.length < list.length) lines.push(more(list.length - shown.length));
  context.indentation -= 2;
  return lines;
}

function more(count: number): string {
  return `... ${count} more item${count > 1 ? "s" : ""}`;
}

function formatArray(context: Context, array: unknown[], depth: number): string[] {
  const lines: string[] = [];
  let i = 0;
  for (; i < array.length && lines.length < context.maxArrayLength; i++) {
    if (Object.hasOwn(array, i)) {
      lines.push(formatProperty(context, array, i, depth));
      continue;
    }
    let holes = 1;
    while (i + 1 < array.length && !Object.hasOwn(array, i + 1)) {
      holes++;
      i++;
    }
    lines.push(style(context, `<${holes} empty item${holes > 1 ? "s" : ""}>`, "undefined"));
  }
  if (i < array.length) lines.push(more(array.length - i));
  return lines;
}

function formatTypedArray(context: Context, array: Uint8Array): string[] {
  const length = Math.min(array.length, context.maxArrayLength);
  const lines: string[] = [];
  for (let i = 0; i < length; i++) lines.push(formatPrimitive(context, array[i]));
  if (length < array.length) lines.push(more(array.length - length));
  return lines;
}

function hexDump(context: Context, buffer: ArrayBuffer): string {
  const length = Math.min(buffer.byteLength, Math.max(context.maxArrayLength, 0));
  const bytes = new Uint8Array(buffer, 0, length);
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const left = buffer.byteLength - length;
  return left > 0 ? `${text} ... ${left} more byte${left > 1 ? "s" : ""}` : text;
}

function functionBase(value: () => void, className: string | null, tag: string): string {
  const source = functionToString.call(value);
  if (source.startsWith("class") && source.endsWith("}")) {
    const parent = (Object.getPrototypeOf(value) as { name?: string } | null)?.name;
    const name = Object.hasOwn(value, "name") && value.name !== "" ? value.name : "(anonymous)";
    return `[class ${name}${parent ? ` extends ${parent}` : ""}]`;
  }
  const type = tag !== "" && tag !== "Function" ? tag : (className ?? "Function");
  const nullPrototype = className === null ? " (null prototype)" : "";
  // A stub has every property there is, and what it gives is no text.
  const name = typeof value.name === "string" ? value.name : "";
  return name === ""
    ? `[${type}${nullPrototype} (anonymous)]`
    : `[${type}${nullPrototype}: ${name}]`;
}

function formatError(context: Context, error: Error, keys: PropertyKey[]): string {
  let stack: string;
  try {
    const { name, message } = error;
    const given: unknown = error.stack;
    stack = typeof given === "string" && given !== "" ? given : `[${name}: ${message}]`;
    // Own copies of what the stack begins with already.
    for (const key of ["name", "message", "stack"] as const) {
      const index = keys.indexOf(key);
      if (index >= 0 && stack.includes(`${error[key]}`)) keys.splice(index, 1);
    }
  } catch {
    stack = "[Error]";
  }
  if (!stack.includes("\n    at") && !stack.startsWith("[")) stack = `[${stack}]`;
  return context.indentation === 0
    ? stack
    : stack.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
}

function formatProperty(
  context: Context,
  object: object,
  key: PropertyKey,
  depth: number,
): string {
  const descriptor = Reflect.getOwnPropertyDescriptor(object, key) ?? {
    value: (object as Record<PropertyKey, unknown>)[key],
    enumerable: true,
  };
  let text: string;
  if (descriptor.value !== undefined || !("get" in descriptor || "set" in descriptor)) {
    context.indentation += 2;
    text = formatValue(context, descriptor.value, depth);
    context.indentation -= 2;
  } else if (descriptor.get !== undefined) {
    text = style(context, descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]", "special");
  } else {
    text =
      descriptor.set === undefined
        ? style(context, "undefined", "undefined")
        : style(context, "[Setter]", "special");
  }
  if (typeof key === "number") return text;
  let name: string;
  if (typeof key === "symbol") {
    name = `[${style(context, key.toString(), "symbol")}]`;
  } else if (descriptor.enumerable === false) {
    name = `[${key}]`;
  } else if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) {
    name = key;
  } else if (key === "__proto__") {
    name = "['__proto__']";
  } else {
    name = style(context, quote(key), "string");
  }
  return `${name}: ${text}`;
}

/** Many short elements of an array: in columns. */
function groupElements(context: Context, lines: string[], array: unknown[]): string[] {
  const hasMore = context.maxArrayLength < array.length;
  const count = hasMore ? lines.length - 1 : lines.length;
  const separator = 2;
  const widths: number[] = [];
  let total = 0;
  let widest = 0;
  for (let i = 0; i < count; i++) {
    const length = width(context, lines[i]!);
    widths.push(length);
    total += length + separator;
    widest = Math.max(widest, length);
  }
  const cell = widest + separator;
  if (
    cell * 3 + context.indentation >= context.breakLength ||
    (total / cell <= 5 && widest > 6) ||
    lines.some((line) => line.includes("\n"))
  ) {
    return lines;
  }
  const bias = Math.max(cell - 3 - Math.sqrt(cell - total / lines.length), 1);
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * bias * count) / bias),
    Math.floor((context.breakLength - context.indentation) / cell),
    context.compact * 4,
    15,
  );
  if (columns <= 1) return lines;
  const columnWidths: number[] = [];
  for (let column = 0; column < columns; column++) {
    let longest = 0;
    for (let i = column; i < count; i += columns) longest = Math.max(longest, widths[i]!);
    columnWidths.push(longest + separator);
  }
  const right = array.every((item) => typeof item === "number" || typeof item === "bigint");
  const grouped: string[] = [];
  for (let row = 0; row < count; row += columns) {
    const end = Math.min(row + columns, count);
    let text = "";
    for (let i = row; i < end; i++) {
      const isLast = i === end - 1;
      const item = isLast ? lines[i]! : `${lines[i]!}, `;
      const padding = columnWidths[i - row]! - widths[i]! - separator;
      if (right) text += " ".repeat(padding) + item;
      else text += isLast ? item : item + " ".repeat(padding);
    }
    grouped.push(text);
  }
  if (hasMore) grouped.push(lines[count]!);
  return grouped;
}

function join(
  context: Context,
  lines: string[],
  base: string,
  open: string,
  close: string,
  depth: number,
  grouped: boolean,
): string {
  const start = base === "" ? "" : `${base} `;
  if (lines.length === 0) return `${start}${open}${close}`;
  // On one line: what is not too long, and nests at most `compact` levels.
  if (context.currentDepth - depth < context.compact && !grouped) {
    let length = lines.length + context.indentation + open.length + base.length + 10;
    length += lines.length;
    for (const line of lines) length += width(context, line);
    if (length <= context.breakLength && !base.includes("\n")) {
      const joined = lines.join(", ");
      if (!joined.includes("\n")) return `${start}${open} ${joined} ${close}`;
    }
  }
  const indent = `\n${" ".repeat(context.indentation)}`;
  return `${start}${open}${indent}  ${lines.join(`,${indent}  `)}${indent}${close}`;
}

interface Listing {
  entries: [string, unknown][];
  /** name => value instead of name: value. */
  arrow: boolean;
  size: string;
}

/** What to show of a platform object: the entries of a list, or its attributes. */
function platformListing(object: object): Listing | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null;
  let isPlatform = false;
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (platformPrototypes.has(at)) isPlatform = true;
  }
  if (!isPlatform) return undefined;
  try {
    const { entries } = object as { entries?: () => Iterable<[string, unknown]> };
    if (typeof entries === "function") {
      const list = [...entries.call(object)];
      return { entries: list, arrow: true, size: `(${list.length})` };
    }
    const list: [string, unknown][] = [];
    for (let at = prototype; at !== null && at !== Object.prototype; ) {
      for (const key of Object.keys(at)) {
        const { get } = Object.getOwnPropertyDescriptor(at, key)!;
        // Reading `body` or `signal` would make one.
        if (get === undefined || key === "body" || key === "signal" || key.startsWith("on")) continue;
        if (!list.some(([name]) => name === key)) list.push([key, get.call(object)]);
      }
      at = Object.getPrototypeOf(at) as object | null;
    }
    return { entries: list, arrow: false, size: "" };
  } catch {
    // A prototype object itself: its accessors refuse it.
    return undefined;
  }
}

/** console.log's arguments as one text: https://console.spec.whatwg.org/#formatter */
export function formatLog(args: readonly unknown[], options: InspectOptions): string {
  let text = "";
  let next = 0;
  const [first] = args;
  if (typeof first === "string") {
    if (args.length === 1) return first;
    next = 1;
    let from = 0;
    for (let i = 0; i + 1 < first.length; i++) {
      if (first.charCodeAt(i) !== 0x25) continue;
      const directive = first[i + 1]!;
      let replacement: string | undefined;
      if (directive === "%") {
        replacement = "%";
      } else if (next < args.length) {
        replacement = formatDirective(directive, args[next], options);
        if (replacement !== undefined) next++;
      }
      if (replacement === undefined) continue;
      text += first.slice(from, i) + replacement;
      from = i + 2;
      i++;
    }
    text += first.slice(from);
  }
  for (; next < args.length; next++) {
    const value = args[next];
    if (next > 0) text += " ";
    text += typeof value === "string" ? value : inspect(value, options);
  }
  return text;
}

function formatDirective(
  directive: string,
  value: unknown,
  options: InspectOptions,
): string | undefined {
  switch (directive) {
    case "s":
      if (typeof value === "string") return value;
      if (typeof value === "bigint") return `${value}n`;
      if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
      if (typeof value === "object" && value !== null) {
        const own = (value as { toString?: unknown }).toString;
        if (typeof own === "function" && own !== Object.prototype.toString && own !== Error.prototype.toString && own !== Array.prototype.toString && own !== Date.prototype.toString) {
          return String(value);
        }
        return inspect(value, { ...options, depth: 0, colors: false });
      }
      return String(value);
    case "d":
      if (typeof value === "bigint") return `${value}n`;
      return typeof value === "symbol" || typeof value === "object" ? "NaN" : `${Number(value)}`;
    case "i":
      if (typeof value === "bigint") return `${value}n`;
      return typeof value === "symbol" || typeof value === "object"
        ? "NaN"
        : `${parseInt(String(value), 10)}`;
    case "f":
      return typeof value === "symbol" ? "NaN" : `${parseFloat(String(value))}`;
    case "j":
      try {
        return JSON.stringify(value) ?? "undefined";
      } catch {
        return "[Circular]";
      }
    case "o":
      return inspect(value, { ...options, showHidden: true, depth: 4 });
    case "O":
      return inspect(value, options);
    case "c":
      return "";
  }
  return undefined;
}
