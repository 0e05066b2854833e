// console. Lines go to the host, which knows whose they are and where to show them.
// https://console.spec.whatwg.org/
import { inspection } from "./groups.ts";
import type { InspectOptions } from "./inspect.ts";
import { natives } from "./natives.ts";

const { consoleWrite, consoleColors, recording, recordLog, wallClock } = natives;

let groupIndentation = "";
/** Names of counters and timers; filled at run time only. */
const counts = new Map<string, number>();
const timers = new Map<string, number>();
let colors: boolean | undefined;

function inspect(value: unknown, given: InspectOptions): string {
  return inspection.load().inspect(value, given);
}

function formatLog(args: readonly unknown[], given: InspectOptions): string {
  return inspection.load().formatLog(args, given);
}

function options(): InspectOptions {
  return { colors: (colors ??= consoleColors()) };
}

function write(level: ConsoleLevel, text: string, args: readonly unknown[] = [text]): void {
  if (recording() !== 0) {
    const plain = args.length === 1 && typeof args[0] === "string";
    recordLog(level, plain ? JSON.stringify(args) : inspection.load().logMessage(args));
  }
  if (groupIndentation !== "") {
    text = groupIndentation + text.replaceAll("\n", `\n${groupIndentation}`);
  }
  consoleWrite(level, text);
}

function print(level: ConsoleLevel, args: readonly unknown[]): void {
  write(level, args.length === 1 && typeof args[0] === "string" ? args[0] : formatLog(args, options()), args);
}

function label(value: unknown): string {
  return value === undefined ? "default" : `${value as string}`;
}

function elapsed(since: number): string {
  const ms = wallClock() - since;
  if (ms >= 1000) return `${(ms / 1000).toFixed(3)}s`;
  return `${ms.toFixed(3)}ms`;
}

const consoleFunctions = {
  debug(...args: unknown[]): void {
    print("debug", args);
  },
  error(...args: unknown[]): void {
    print("error", args);
  },
  info(...args: unknown[]): void {
    print("info", args);
  },
  log(...args: unknown[]): void {
    print("log", args);
  },
  warn(...args: unknown[]): void {
    print("warn", args);
  },
  dir(item: unknown = undefined, given: InspectOptions | undefined = undefined): void {
    write("log", inspect(item, { ...options(), ...given }));
  },
  dirxml(...args: unknown[]): void {
    print("log", args);
  },
  table(data: unknown = undefined, properties: string[] | undefined = undefined): void {
    const table = typeof data === "object" && data !== null ? formatTable(data, properties) : undefined;
    if (table === undefined) print("log", [data]);
    else write("log", table);
  },
  trace(...args: unknown[]): void {
    const holder: { stack?: string } = {};
    (
      Error as unknown as { captureStackTrace(target: object, above: unknown): void }
    ).captureStackTrace(holder, consoleFunctions.trace);
    const stack = (holder.stack ?? "").split("\n").slice(1).join("\n");
    const text = args.length === 0 ? "Trace" : `Trace: ${formatLog(args, options())}`;
    write("debug", `${text}\n${stack}`);
  },
  group(...args: unknown[]): void {
    if (args.length > 0) print("log", args);
    groupIndentation += "  ";
  },
  groupCollapsed(...args: unknown[]): void {
    if (args.length > 0) print("log", args);
    groupIndentation += "  ";
  },
  groupEnd(): void {
    groupIndentation = groupIndentation.slice(2);
  },
  assert(condition: unknown = false, ...args: unknown[]): void {
    if (condition) return;
    if (typeof args[0] === "string") {
      args[0] = `Assertion failed: ${args[0]}`;
      print("error", args);
    } else {
      print("error", args.length === 0 ? ["Assertion failed"] : ["Assertion failed:", ...args]);
    }
  },
  count(name: unknown = undefined): void {
    const key = label(name);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    write("log", `${key}: ${count}`);
  },
  countReset(name: unknown = undefined): void {
    if (!counts.delete(label(name))) write("warn", `Count for '${label(name)}' does not exist`);
  },
  time(name: unknown = undefined): void {
    const key = label(name);
    if (timers.has(key)) write("warn", `Timer '${key}' already exists`);
    else timers.set(key, wallClock());
  },
  timeLog(name: unknown = undefined, ...args: unknown[]): void {
    const key = label(name);
    const since = timers.get(key);
    if (since === undefined) {
      write("warn", `Timer '${key}' does not exist`);
      return;
    }
    const rest = args.length === 0 ? "" : ` ${formatLog(args, options())}`;
    write("log", `${key}: ${elapsed(since)}${rest}`);
  },
  timeEnd(name: unknown = undefined): void {
    const key = label(name);
    const since = timers.get(key);
    if (since === undefined) {
      write("warn", `Timer '${key}' does not exist`);
      return;
    }
    timers.delete(key);
    write("log", `${key}: ${elapsed(since)}`);
  },
  clear(): void {
    groupIndentation = "";
  },
};

/** A namespace object: https://webidl.spec.whatwg.org/#es-namespaces */
export const console: typeof consoleFunctions = Object.assign(
  Object.create({}) as object,
  consoleFunctions,
);
Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });

/** Rows as a table with lines around; undefined when there is nothing to tabulate. */
function formatTable(data: object, properties: string[] | undefined): string | undefined {
  const rows: [string, unknown][] = [];
  if (data instanceof Map || data instanceof Set) {
    let index = 0;
    for (const item of data) rows.push([`${index++}`, data instanceof Map ? item : item]);
  } else {
    for (const key of Object.keys(data)) rows.push([key, (data as Record<string, unknown>)[key]]);
  }
  if (rows.length === 0) return undefined;
  const columns: string[] = properties === undefined ? [] : [...properties];
  let hasValues = false;
  for (const [, row] of rows) {
    if (typeof row !== "object" || row === null) {
      hasValues = true;
    } else if (properties === undefined) {
      for (const key of Object.keys(row)) if (!columns.includes(key)) columns.push(key);
    }
  }
  const show = (value: unknown) => inspect(value, { depth: 0, breakLength: Infinity });
  const heads = ["(index)", ...columns, ...(hasValues ? ["Values"] : [])];
  const cells = rows.map(([key, row]) => {
    const isRow = typeof row === "object" && row !== null;
    return [
      key,
      ...columns.map((column) =>
        isRow && Object.hasOwn(row, column) ? show((row as Record<string, unknown>)[column]) : "",
      ),
      ...(hasValues ? [isRow ? "" : show(row)] : []),
    ];
  });
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row[i]!.length)) + 2,
  );
  const line = (left: string, middle: string, right: string) =>
    left + widths.map((length) => "─".repeat(length)).join(middle) + right;
  const row = (items: string[]) =>
    `│${items.map((item, i) => ` ${item.padEnd(widths[i]! - 1)}`).join("│")}│`;
  return [
    line("┌", "┬", "┐"),
    row(heads),
    line("├", "┼", "┤"),
    ...cells.map(row),
    line("└", "┴", "┘"),
  ].join("\n");
}
