// What kind of object a value is, which no script can pretend.
// https://nodejs.org/api/util.html#utiltypes
import { natives } from "../../../web/builtins/natives.ts";

const { builtinKind, proxyDetails } = natives;

const kind = (value: unknown): string =>
  (typeof value === "object" && value !== null) || typeof value === "function" ? builtinKind(value) : "";
const getTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;
const typedTag = (value: unknown): unknown => (ArrayBuffer.isView(value) ? getTag.call(value) : undefined);
const is = (name: string) => (value: unknown) => kind(value) === name;
const isTyped = (name: string) => (value: unknown) => typedTag(value) === name;
/** A constructor's own method works on its own objects only. */
const takes = (method: (...args: any[]) => unknown) => (value: unknown) => {
  if (typeof value !== "object" || value === null) return false;
  try {
    method.call(value);
    return true;
  } catch {
    return false;
  }
};

export const isArrayBufferView = (value: unknown) => ArrayBuffer.isView(value);
export const isTypedArray = (value: unknown) => typedTag(value) !== undefined;
export const isUint8Array = isTyped("Uint8Array");
export const isUint8ClampedArray = isTyped("Uint8ClampedArray");
export const isUint16Array = isTyped("Uint16Array");
export const isUint32Array = isTyped("Uint32Array");
export const isInt8Array = isTyped("Int8Array");
export const isInt16Array = isTyped("Int16Array");
export const isInt32Array = isTyped("Int32Array");
export const isFloat16Array = isTyped("Float16Array");
export const isFloat32Array = isTyped("Float32Array");
export const isFloat64Array = isTyped("Float64Array");
export const isBigInt64Array = isTyped("BigInt64Array");
export const isBigUint64Array = isTyped("BigUint64Array");
export const isDataView = (value: unknown) => ArrayBuffer.isView(value) && typedTag(value) === undefined;
export const isArrayBuffer = is("ArrayBuffer");
export const isSharedArrayBuffer = is("SharedArrayBuffer");
export const isAnyArrayBuffer = (value: unknown) => isArrayBuffer(value) || isSharedArrayBuffer(value);
export const isMap = is("Map");
export const isSet = is("Set");
export const isWeakMap = is("WeakMap");
export const isWeakSet = is("WeakSet");
export const isMapIterator = is("MapIterator");
export const isSetIterator = is("SetIterator");
export const isPromise = is("Promise");
export const isDate = is("Date");
export const isRegExp = is("RegExp");
export const isNativeError = (value: unknown) => kind(value) === "Error";
export const isProxy = (value: unknown) =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && proxyDetails(value) !== undefined;
export const isModuleNamespaceObject = is("Module");
export const isGeneratorObject = is("Generator");
const isFunctionOf = (tag: RegExp) => (value: unknown) =>
  typeof value === "function" && tag.test(Object.prototype.toString.call(value));
export const isAsyncFunction = isFunctionOf(/^\[object Async(Generator)?Function\]$/);
export const isGeneratorFunction = isFunctionOf(/GeneratorFunction\]$/);
export const isArgumentsObject = is("Arguments");
export const isNumberObject = takes(Number.prototype.valueOf);
export const isStringObject = takes(String.prototype.valueOf);
export const isBooleanObject = takes(Boolean.prototype.valueOf);
export const isBigIntObject = takes(BigInt.prototype.valueOf);
export const isSymbolObject = takes(Symbol.prototype.valueOf);
export const isBoxedPrimitive = is("Primitive");
export const isExternal = is("External");
export const isCryptoKey = (value: unknown) => {
  const { CryptoKey } = globalThis as { CryptoKey?: new () => object };
  return CryptoKey !== undefined && value instanceof CryptoKey;
};
export const isKeyObject = (_value: unknown) => false;
