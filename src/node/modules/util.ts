// https://nodejs.org/api/util.html
import { inspection } from "../../web/builtins/groups.ts";
import { nodeEnv as env } from "../../worker/builtins/node_modules.ts";
import { MIMEParams, MIMEType } from "unenv/node/internal/util/mime";
import * as types from "node:util/types";
import { isDeepEqual } from "../comparisons.ts";
import { checkFunction, checkString, invalidArgType, nodeError } from "../errors.ts";

const { formatLog, inspect: inspectValue } = inspection.load();

type Callback = (...args: any[]) => any;

const custom = Symbol.for("nodejs.util.inspect.custom");
const promisifyCustom = Symbol.for("nodejs.util.promisify.custom");

/** (value, options) or, as long ago, (value, showHidden, depth, colors). */
export const inspect = Object.assign(
  function inspect(value: unknown, ...rest: any[]): string {
    const [first, depth, colors] = rest;
    const options =
      typeof first === "object" && first !== null
        ? { ...inspectDefaults(), ...first }
        : {
            ...inspectDefaults(),
            showHidden: !!first,
            ...(depth !== undefined && { depth }),
            ...(colors !== undefined && { colors }),
          };
    if (options.compact === true) options.compact = Infinity;
    else if (options.compact === false) options.compact = 0;
    return inspectValue(value, options);
  },
  {
    custom: custom as symbol,
    defaultOptions: {
      showHidden: false, depth: 2, colors: false, maxArrayLength: 100, maxStringLength: 10000,
      breakLength: 128, compact: 3, sorted: false,
    } as Record<string, any>,
    colors: Object.assign(Object.create(null) as object, {
      reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], inverse: [7, 27],
      hidden: [8, 28], strikethrough: [9, 29], black: [30, 39], red: [31, 39], green: [32, 39],
      yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39],
      gray: [90, 39], grey: [90, 39], redBright: [91, 39], greenBright: [92, 39], yellowBright: [93, 39],
      blueBright: [94, 39], magentaBright: [95, 39], cyanBright: [96, 39], whiteBright: [97, 39],
      bgBlack: [40, 49], bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49],
      bgMagenta: [45, 49], bgCyan: [46, 49], bgWhite: [47, 49],
    }) as Record<string, [number, number]>,
  },
);

function inspectDefaults(): Record<string, any> {
  return inspect.defaultOptions;
}

export function format(...args: unknown[]): string {
  return formatLog(args, {});
}

export function formatWithOptions(options: object, ...args: unknown[]): string {
  if (typeof options !== "object" || options === null) throw invalidArgType("inspectOptions", "object", options);
  return formatLog(args, options);
}

export const promisify = Object.assign(
  function promisify(original: Callback & { [promisifyCustom]?: Callback }): Callback {
    checkFunction(original, "original");
    const own = original[promisifyCustom];
    if (own !== undefined) {
      checkFunction(own, "util.promisify.custom");
      return Object.defineProperty(own, promisifyCustom, { value: own, configurable: true });
    }
    function promised(this: unknown, ...args: unknown[]): Promise<unknown> {
      return new Promise((resolve, reject) => {
        Reflect.apply(original, this, [
          ...args,
          (error: unknown, ...values: unknown[]) => {
            if (error) reject(error as Error);
            else resolve(values[0]);
          },
        ]);
      });
    }
    Object.setPrototypeOf(promised, Object.getPrototypeOf(original) as object);
    Object.defineProperty(promised, promisifyCustom, { value: promised, configurable: true });
    return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original)) as Callback;
  },
  { custom: promisifyCustom as symbol },
);

export function callbackify(original: Callback): Callback {
  checkFunction(original, "original");
  function called(this: unknown, ...args: unknown[]): void {
    const done = args.pop();
    checkFunction(done, "last argument");
    (Reflect.apply(original, this, args) as Promise<unknown>).then(
      (value) => queueMicrotask(() => done(null, value)),
      (reason: unknown) =>
        queueMicrotask(() =>
          done(
            reason ||
              nodeError(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value", { reason }),
          ),
        ),
    );
  }
  const properties = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  if (typeof properties.length?.value === "number") properties.length.value++;
  if (typeof properties.name?.value === "string") properties.name.value += "Callbackified";
  return Object.defineProperties(called, properties);
}

export function inherits(constructor: Callback & { super_?: unknown }, parent: Callback): void {
  checkFunction(constructor, "ctor");
  checkFunction(parent, "superCtor");
  if (parent.prototype === undefined) {
    throw invalidArgType("superCtor.prototype", "object", parent.prototype);
  }
  Object.defineProperty(constructor, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype as object);
}

const warned = new Set<string>();

export function deprecate<T extends Callback>(original: T, message: string, code?: string): T {
  let told = false;
  function deprecated(this: unknown, ...args: unknown[]): unknown {
    if (!told) {
      told = true;
      if (code === undefined || !warned.has(code)) {
        if (code !== undefined) warned.add(code);
        console.warn(`${code === undefined ? "" : `[${code}] `}DeprecationWarning: ${message}`);
      }
    }
    return new.target ? Reflect.construct(original, args, new.target) : Reflect.apply(original, this, args);
  }
  Object.setPrototypeOf(deprecated, original);
  if (original.prototype !== undefined) deprecated.prototype = original.prototype;
  return deprecated as unknown as T;
}

export function debuglog(section: string): Callback & { enabled: boolean } {
  const wanted = (env.NODE_DEBUG ?? "").split(",").map((each) => each.trim().toLowerCase());
  const enabled = wanted.includes(section.toLowerCase());
  const log = (...args: unknown[]) => {
    if (enabled) console.error(`${section.toUpperCase()}: ${format(...args)}`);
  };
  return Object.assign(log, { enabled });
}
export const debug = debuglog;

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return isDeepEqual(a, b, "strict");
}

export function stripVTControlCharacters(text: string): string {
  checkString(text, "str");
  return text.replaceAll(
    /[\u001B\u009B][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?(?:\u0007|\u001B\u005C|\u009C))|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]))/g,
    "",
  );
}

export function styleText(styles: string | string[], text: string): string {
  checkString(text, "text");
  let before = "";
  let after = "";
  for (const style of [styles].flat()) {
    const codes = inspect.colors[style];
    if (codes === undefined) {
      throw nodeError(
        TypeError, "ERR_INVALID_ARG_VALUE",
        `The argument 'format' must be one of: ${Object.keys(inspect.colors).map((each) => `'${each}'`).join(", ")}. Received '${style}'`,
      );
    }
    before += `\u001b[${codes[0]}m`;
    after = `\u001b[${codes[1]}m${after}`;
  }
  return before + text + after;
}

export function toUSVString(text: unknown): string {
  return `${text as string}`.toWellFormed();
}

/** A promise for the moment when `signal` is aborted. */
export async function aborted(signal: AbortSignal, resource: object): Promise<void> {
  if (signal === undefined) throw invalidArgType("signal", "AbortSignal", signal);
  if (typeof resource !== "object" || resource === null) throw invalidArgType("resource", "object", resource);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

// Long out of use, and still asked for.
export const isArray = Array.isArray;
export const isBoolean = (value: unknown) => typeof value === "boolean";
export const isNull = (value: unknown) => value === null;
export const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
export const isNumber = (value: unknown) => typeof value === "number";
export const isString = (value: unknown) => typeof value === "string";
export const isSymbol = (value: unknown) => typeof value === "symbol";
export const isUndefined = (value: unknown) => value === undefined;
export const isObject = (value: unknown) => typeof value === "object" && value !== null;
export const isFunction = (value: unknown) => typeof value === "function";
export const isPrimitive = (value: unknown) =>
  value === null || (typeof value !== "object" && typeof value !== "function");
export const isRegExp = types.isRegExp;
export const isDate = types.isDate;
export const isError = types.isNativeError;

export function _extend(target: object, source: unknown): object {
  return typeof source === "object" && source !== null ? Object.assign(target, source) : target;
}

const { TextDecoder: platformDecoder, TextEncoder: platformEncoder } = globalThis;
export { MIMEParams, MIMEType, platformDecoder as TextDecoder, platformEncoder as TextEncoder, types };
