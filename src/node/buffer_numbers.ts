// Numbers in the bytes of a Buffer: readInt16BE(), writeDoubleLE(), swap32(), ...
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";

type Bytes = Uint8Array;

function place(buffer: Bytes, offset: unknown, size: number): number {
  const at = offset === undefined ? 0 : offset;
  if (typeof at !== "number") throw invalidArgType("offset", "number", at);
  if (Number.isInteger(at) && at >= 0 && at + size <= buffer.length) return at;
  if (!Number.isInteger(at)) throw outOfRange("offset", "an integer", at);
  if (buffer.length < size) {
    throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds");
  }
  throw outOfRange("offset", `>= 0 and <= ${buffer.length - size}`, at);
}

function sizeOf(size: unknown): number {
  if (typeof size !== "number") throw invalidArgType("byteLength", "number", size);
  if (!Number.isInteger(size)) throw outOfRange("byteLength", "an integer", size);
  if (size < 1 || size > 6) throw outOfRange("byteLength", ">= 1 and <= 6", size);
  return size;
}

function unsigned(buffer: Bytes, at: number, size: number, little: boolean): number {
  let value = 0;
  if (little) for (let i = size - 1; i >= 0; --i) value = value * 256 + buffer[at + i]!;
  else for (let i = 0; i < size; ++i) value = value * 256 + buffer[at + i]!;
  return value;
}

function signed(buffer: Bytes, at: number, size: number, little: boolean): number {
  const value = unsigned(buffer, at, size, little);
  const half = 2 ** (size * 8 - 1);
  return value >= half ? value - 2 * half : value;
}

function store(buffer: Bytes, value: unknown, offset: unknown, size: number, little: boolean, isSigned: boolean): number {
  const number = +(value as number);
  const at = place(buffer, offset, size);
  const least = isSigned ? -(2 ** (size * 8 - 1)) : 0;
  const most = 2 ** (size * 8 - (isSigned ? 1 : 0)) - 1;
  if (number > most || number < least) throw outOfRange("value", `>= ${least} and <= ${most}`, number);
  let rest = Math.trunc(number) || 0;
  if (rest < 0) rest += 2 ** (size * 8);
  for (let i = 0; i < size; ++i) {
    buffer[little ? at + i : at + size - 1 - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + size;
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

function load(buffer: Bytes, offset: unknown, size: number): DataView {
  const at = place(buffer, offset, size);
  for (let i = 0; i < size; ++i) scratchBytes[i] = buffer[at + i]!;
  return scratch;
}

function save(buffer: Bytes, at: number, size: number): number {
  for (let i = 0; i < size; ++i) buffer[at + i] = scratchBytes[i]!;
  return at + size;
}

function checkBig(value: unknown, isSigned: boolean): asserts value is bigint {
  if (typeof value !== "bigint") throw invalidArgType("value", "bigint", value);
  const [least, most] = isSigned ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  const range = isSigned ? ">= -(2n ** 63n) and < 2n ** 63n" : ">= 0n and < 2n ** 64n";
  if (value < least || value > most) throw outOfRange("value", range, value);
}

export const numberMethods: Record<string, (this: Bytes, ...args: any[]) => unknown> = {};

for (const order of ["LE", "BE"]) {
  const little = order === "LE";
  for (const size of [1, 2, 4]) {
    const ending = `${size * 8}${size === 1 ? "" : order}`;
    const readUnsigned = function (this: Bytes, offset?: unknown) {
      return unsigned(this, place(this, offset, size), size, little);
    };
    const writeUnsigned = function (this: Bytes, value: unknown, offset?: unknown) {
      return store(this, value, offset, size, little, false);
    };
    Object.assign(numberMethods, {
      [`readUInt${ending}`]: readUnsigned,
      [`readUint${ending}`]: readUnsigned,
      [`writeUInt${ending}`]: writeUnsigned,
      [`writeUint${ending}`]: writeUnsigned,
      [`readInt${ending}`](this: Bytes, offset?: unknown) {
        return signed(this, place(this, offset, size), size, little);
      },
      [`writeInt${ending}`](this: Bytes, value: unknown, offset?: unknown) {
        return store(this, value, offset, size, little, true);
      },
    });
  }
  const readUnsigned = function (this: Bytes, offset: unknown, size: unknown) {
    if (offset === undefined) throw invalidArgType("offset", "number", offset);
    const length = sizeOf(size);
    return unsigned(this, place(this, offset, length), length, little);
  };
  const writeUnsigned = function (this: Bytes, value: unknown, offset: unknown, size: unknown) {
    return store(this, value, offset, sizeOf(size), little, false);
  };
  const readBig = function (this: Bytes, offset?: unknown) {
    return load(this, offset, 8).getBigUint64(0, little);
  };
  const writeBig = function (this: Bytes, value: unknown, offset?: unknown) {
    checkBig(value, false);
    const at = place(this, offset, 8);
    scratch.setBigUint64(0, value, little);
    return save(this, at, 8);
  };
  Object.assign(numberMethods, {
    [`readUInt${order}`]: readUnsigned,
    [`readUint${order}`]: readUnsigned,
    [`writeUInt${order}`]: writeUnsigned,
    [`writeUint${order}`]: writeUnsigned,
    [`readInt${order}`](this: Bytes, offset: unknown, size: unknown) {
      if (offset === undefined) throw invalidArgType("offset", "number", offset);
      const length = sizeOf(size);
      return signed(this, place(this, offset, length), length, little);
    },
    [`writeInt${order}`](this: Bytes, value: unknown, offset: unknown, size: unknown) {
      return store(this, value, offset, sizeOf(size), little, true);
    },
    [`readBigUInt64${order}`]: readBig,
    [`readBigUint64${order}`]: readBig,
    [`writeBigUInt64${order}`]: writeBig,
    [`writeBigUint64${order}`]: writeBig,
    [`readBigInt64${order}`](this: Bytes, offset?: unknown) {
      return load(this, offset, 8).getBigInt64(0, little);
    },
    [`writeBigInt64${order}`](this: Bytes, value: unknown, offset?: unknown) {
      checkBig(value, true);
      const at = place(this, offset, 8);
      scratch.setBigInt64(0, value, little);
      return save(this, at, 8);
    },
    [`readFloat${order}`](this: Bytes, offset?: unknown) {
      return load(this, offset, 4).getFloat32(0, little);
    },
    [`writeFloat${order}`](this: Bytes, value: unknown, offset?: unknown) {
      const at = place(this, offset, 4);
      scratch.setFloat32(0, +(value as number), little);
      return save(this, at, 4);
    },
    [`readDouble${order}`](this: Bytes, offset?: unknown) {
      return load(this, offset, 8).getFloat64(0, little);
    },
    [`writeDouble${order}`](this: Bytes, value: unknown, offset?: unknown) {
      const at = place(this, offset, 8);
      scratch.setFloat64(0, +(value as number), little);
      return save(this, at, 8);
    },
  });
}

for (const size of [2, 4, 8]) {
  numberMethods[`swap${size * 8}`] = function (this: Bytes) {
    if (this.length % size !== 0) {
      throw nodeError(RangeError, "ERR_INVALID_BUFFER_SIZE", `Buffer size must be a multiple of ${size * 8}-bits`);
    }
    for (let at = 0; at < this.length; at += size) this.subarray(at, at + size).reverse();
    return this;
  };
}
