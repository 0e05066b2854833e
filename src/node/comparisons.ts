// Deep equality, as assert and util.isDeepStrictEqual have it.
// https://nodejs.org/api/assert.html#comparison-details
import * as types from "node:util/types";

type Mode = "strict" | "loose" | "partial";

export function isDeepEqual(a: unknown, b: unknown, mode: Mode): boolean {
  return same(a, b, mode, new Map());
}

function samePrimitive(a: unknown, b: unknown, mode: Mode): boolean {
  if (mode !== "loose") return Object.is(a, b);
  return a == b || (a !== a && b !== b);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function same(a: unknown, b: unknown, mode: Mode, seen: Map<object, object>): boolean {
  if (a === b) return a !== 0 || mode === "loose" || Object.is(a, b);
  if (!isObject(a) || !isObject(b)) {
    if (isObject(a) || isObject(b)) return false;
    return samePrimitive(a, b, mode);
  }
  if (mode === "strict" && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  try {
    return sameContents(a, b, mode, seen) && sameKeys(a, b, mode, seen);
  } finally {
    seen.delete(a);
  }
}

/** What is not in properties. */
function sameContents(a: any, b: any, mode: Mode, seen: Map<object, object>): boolean {
  if (Array.isArray(a)) return mode === "partial" ? a.length >= b.length : a.length === b.length;
  if (types.isDate(a) || types.isDate(b)) {
    return types.isDate(a) && types.isDate(b) && Object.is(a.valueOf(), b.valueOf());
  }
  if (types.isRegExp(a) || types.isRegExp(b)) {
    return types.isRegExp(a) && types.isRegExp(b) && String(a) === String(b) && a.lastIndex === b.lastIndex;
  }
  if (types.isNativeError(a) || types.isNativeError(b)) {
    if (!types.isNativeError(a) || !types.isNativeError(b)) return false;
    return a.message === b.message && a.name === b.name &&
      same(a.cause, b.cause, mode, seen) && same(a.errors, b.errors, mode, seen);
  }
  if (types.isArrayBufferView(a)) {
    if (!types.isArrayBufferView(b) || a.byteLength !== b.byteLength) return false;
    if (mode === "loose" && (types.isFloat32Array(a) || types.isFloat64Array(a))) {
      return (a as any).every((value: number, i: number) => value === (b as any)[i]);
    }
    return sameBytes(bytes(a), bytes(b));
  }
  if (types.isAnyArrayBuffer(a)) {
    return types.isAnyArrayBuffer(b) && sameBytes(new Uint8Array(a as any), new Uint8Array(b));
  }
  if (types.isBoxedPrimitive(a) || types.isBoxedPrimitive(b)) {
    return types.isBoxedPrimitive(a) && types.isBoxedPrimitive(b) &&
      typeof a.valueOf() === typeof b.valueOf() && Object.is(a.valueOf(), b.valueOf());
  }
  if (types.isSet(a)) return types.isSet(b) && sameSet(a, b, mode, seen);
  if (types.isMap(a)) return types.isMap(b) && sameMap(a, b, mode, seen);
  if (types.isPromise(a) || types.isWeakMap(a) || types.isWeakSet(a)) return false;
  return true;
}

const bytes = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; ++i) if (a[i] !== b[i]) return false;
  return true;
}

function sameSet(a: Set<unknown>, b: Set<unknown>, mode: Mode, seen: Map<object, object>): boolean {
  if (mode === "partial" ? a.size < b.size : a.size !== b.size) return false;
  const left = new Set(a);
  for (const value of b) {
    if (left.delete(value)) continue;
    const match = [...left].find((each) => same(each, value, mode, seen));
    if (match === undefined && !left.has(undefined)) return false;
    if (!left.delete(match)) return false;
  }
  return true;
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, mode: Mode, seen: Map<object, object>): boolean {
  if (mode === "partial" ? a.size < b.size : a.size !== b.size) return false;
  const left = new Map(a);
  for (const [key, value] of b) {
    if (left.has(key) && same(left.get(key), value, mode, seen)) {
      left.delete(key);
      continue;
    }
    const match = [...left].find(([k, v]) => same(k, key, mode, seen) && same(v, value, mode, seen));
    if (match === undefined) return false;
    left.delete(match[0]);
  }
  return true;
}

function keysOf(value: object, mode: Mode): PropertyKey[] {
  const skip = types.isArrayBufferView(value) || types.isStringObject(value);
  const names: PropertyKey[] = Object.keys(value).filter((key) => !skip || !/^\d+$/.test(key));
  if (mode === "loose") return names;
  const symbols = Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return symbols.length === 0 ? names : [...names, ...symbols];
}

function sameKeys(a: any, b: any, mode: Mode, seen: Map<object, object>): boolean {
  const keys = keysOf(b, mode);
  if (mode !== "partial" && keys.length !== keysOf(a, mode).length) return false;
  for (const key of keys) {
    if (!Object.prototype.propertyIsEnumerable.call(a, key)) return false;
  }
  return keys.every((key) => same(a[key], b[key], mode, seen));
}
