// The options of a Durable Object storage's list(), and the order of its keys.
import { badArgument, isObject } from "../../web/builtins/webidl.ts";

export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
}

export interface ListRange {
  start: string | undefined;
  startAfter: string | undefined;
  end: string | undefined;
  prefix: string | undefined;
  reverse: boolean;
  /** -1: all. */
  limit: number;
}

const LARGEST = 2 ** 31 - 1;

function toText(value: unknown): string | undefined {
  return value === undefined ? undefined : `${value as string}`;
}

/** Throws as workerd does. */
export function compileListOptions(options: ListOptions | null | undefined, of: string): ListRange {
  if (options !== undefined && options !== null && !isObject(options)) throw badArgument("list", of, 1, "ListOptions");
  const { start, startAfter, end, prefix, reverse, limit } = options ?? {};
  if (start !== undefined && startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  let most = -1;
  if (limit !== undefined) {
    const number = Math.trunc(Number(limit));
    if (Math.abs(number) > LARGEST) {
      throw new TypeError(
        `Value out of range. Must be between -${LARGEST + 1} and ${LARGEST} (inclusive).`,
      );
    }
    if (!(number > 0)) throw new TypeError("List limit must be positive.");
    most = number;
  }
  return {
    start: toText(start),
    startAfter: toText(startAfter),
    end: toText(end),
    prefix: toText(prefix),
    reverse: Boolean(reverse),
    limit: most,
  };
}

/** Compares as the UTF-8 of both compares: by code points, where UTF-16 has surrogates before the
 * characters from U+E000 on. */
export function byUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; ++i) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      const xIsSurrogate = x < 0xe000;
      if (xIsSurrogate !== y < 0xe000) return xIsSurrogate ? 1 : -1;
    }
    return x - y;
  }
  return a.length - b.length;
}
