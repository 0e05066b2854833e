// The algorithms of crypto.subtle: what each can do, and how.
// https://w3c.github.io/webcrypto/#algorithm-overview
import { natives } from "./natives.ts";
import { bytesOfSource } from "./webidl.ts";
import { type CryptoKey, failure, type KeyAlgorithm, type KeyPair, makeKey, secretOf, type Usage } from "./crypto_key.ts";

/** An algorithm as it was given: its name in the standard's spelling, and the rest unchecked. */
export type Normalized = KeyAlgorithm & Record<string, any>;

export interface Algorithm {
  usages: readonly Usage[];
  importKey?(format: string, data: any, options: Normalized, extractable: boolean, usages: Usage[]): CryptoKey;
  /** undefined: not in this format. */
  exportKey?(format: string, key: CryptoKey): Uint8Array | Record<string, unknown> | undefined;
  generateKey?(options: Normalized, extractable: boolean, usages: Usage[]): CryptoKey | KeyPair;
  sign?(options: Normalized, key: CryptoKey, data: Uint8Array): ArrayBuffer;
  verify?(options: Normalized, key: CryptoKey, signature: Uint8Array, data: Uint8Array): boolean;
  crypt?(encrypt: boolean, options: Normalized, key: CryptoKey, data: Uint8Array): ArrayBuffer;
  deriveBits?(options: Normalized, key: CryptoKey, length: number | null): ArrayBuffer;
  /** In bits, of a key that is derived; null: as long as the secret is. */
  keyLength?(options: Normalized): number | null;
}

const none = new Uint8Array(0);

export function normalize(given: unknown): Normalized {
  const options: Record<string, unknown> =
    typeof given === "object" && given !== null ? { ...(given as object) } : { name: given };
  const name = `${options.name as string}`;
  const known = Object.keys(algorithms).find((each) => each.toLowerCase() === name.toLowerCase());
  return { ...options, name: known ?? name };
}

function done(result: ArrayBuffer | undefined, what: string): ArrayBuffer {
  if (result === undefined) throw failure("OperationError", `${what} failed.`);
  return result;
}

function sourceOf(value: unknown, name: string): Uint8Array {
  const bytes = bytesOfSource(value);
  if (bytes === undefined) throw new TypeError(`Missing or malformed field "${name}" in "algorithm".`);
  return bytes;
}

const hashBytes: Record<string, number> = { "SHA-1": 20, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

/** The name of the hash that an algorithm asks for. */
function hashOf(options: Normalized): string {
  const given: unknown = options.hash;
  if (given === undefined) throw new TypeError('Missing field "hash" in "algorithm".');
  const name = `${typeof given === "object" && given !== null ? (given as { name: string }).name : (given as string)}`.toUpperCase();
  if (hashBytes[name] === undefined) throw failure("NotSupportedError", `Unrecognized or unimplemented hash "${name}".`);
  return name;
}

const keyHash = (key: CryptoKey) => (key.algorithm.hash as KeyAlgorithm).name;

// --- JSON Web Keys --------------------------------------------------------------------------------

type Jwk = Record<string, unknown>;

function fromBase64url(jwk: Jwk, name: string): Uint8Array {
  const text = jwk[name];
  try {
    if (typeof text === "string") {
      return (Uint8Array as any).fromBase64(text, { alphabet: "base64url", lastChunkHandling: "loose" });
    }
  } catch {
    // Told below.
  }
  throw failure("DataError", `The JWK's "${name}" is missing, or not in Base64url.`);
}

function toBase64url(bytes: Uint8Array): string {
  return (bytes as any).toBase64({ alphabet: "base64url", omitPadding: true });
}

function expectKind(jwk: Jwk, kind: string): void {
  if (jwk.kty !== kind) throw failure("DataError", `The JWK's "kty" is ${JSON.stringify(jwk.kty)}, and not "${kind}".`);
}

function expectName(jwk: Jwk, name: string): void {
  if (jwk.alg !== undefined && jwk.alg !== name) throw failure("DataError", `The JWK's "alg" is ${JSON.stringify(jwk.alg)}, and not "${name}".`);
}

function unsupportedFormat(format: string): Error {
  return failure("NotSupportedError", `Unrecognized key import format "${format}" for this algorithm.`);
}

// --- HMAC -----------------------------------------------------------------------------------------

const hmac: Algorithm = {
  usages: ["sign", "verify"],
  importKey(format, data, options, extractable, usages) {
    const hash = hashOf(options);
    if (format === "jwk") {
      expectKind(data, "oct");
      expectName(data, `HS${hash.slice(4)}`);
    } else if (format !== "raw") {
      throw unsupportedFormat(format);
    }
    const bytes: Uint8Array = format === "jwk" ? fromBase64url(data, "k") : data;
    const length = options.length === undefined ? bytes.length * 8 : Number(options.length);
    if (bytes.length === 0 || length > bytes.length * 8 || length <= bytes.length * 8 - 8) {
      throw failure("DataError", "The HMAC key does not have the length that is asked for.");
    }
    return makeKey("secret", { name: "HMAC", length, hash: { name: hash } }, extractable, usages, bytes);
  },
  exportKey(format, key) {
    if (format === "raw") return secretOf(key);
    if (format !== "jwk") return undefined;
    return { kty: "oct", k: toBase64url(secretOf(key)), alg: `HS${keyHash(key).slice(4)}` };
  },
  generateKey(options, extractable, usages) {
    const hash = hashOf(options);
    const length = hmac.keyLength!(options)!;
    const bytes = randomBytes(Math.ceil(length / 8));
    return makeKey("secret", { name: "HMAC", length, hash: { name: hash } }, extractable, usages, bytes);
  },
  sign: (_options, key, data) => done(natives.hmac(keyHash(key), secretOf(key), data), "Signing"),
  verify(_options, key, signature, data) {
    const expected = new Uint8Array(done(natives.hmac(keyHash(key), secretOf(key), data), "Verifying"));
    return expected.length === signature.length && natives.timingSafeEqual(expected, signature);
  },
  keyLength(options) {
    if (options.length !== undefined) {
      if (!(options.length > 0)) throw failure("OperationError", "The length of an HMAC key must not be zero.");
      return Number(options.length);
    }
    return hashOf(options) === "SHA-1" || hashOf(options) === "SHA-256" ? 512 : 1024;
  },
};

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 65536) natives.randomFill(bytes.subarray(at, at + 65536));
  return bytes;
}

// --- AES ------------------------------------------------------------------------------------------

function aes(name: string, mode: number, crypt: NonNullable<Algorithm["crypt"]>): Algorithm {
  const checkLength = (length: unknown) => {
    if (length === 128 || length === 192 || length === 256) return length;
    throw failure("OperationError", "An AES key has 128, 192 or 256 bits.");
  };
  const short = name.slice(4); // "GCM"
  return {
    usages: mode === 3 ? ["wrapKey", "unwrapKey"] : ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
    importKey(format, data, _options, extractable, usages) {
      if (format === "jwk") expectKind(data, "oct");
      else if (format !== "raw") throw unsupportedFormat(format);
      const bytes: Uint8Array = format === "jwk" ? fromBase64url(data, "k") : data;
      if (![16, 24, 32].includes(bytes.length)) throw failure("DataError", "An AES key has 128, 192 or 256 bits.");
      if (format === "jwk") expectName(data, `A${bytes.length * 8}${short}`);
      return makeKey("secret", { name, length: bytes.length * 8 }, extractable, usages, bytes);
    },
    exportKey(format, key) {
      if (format === "raw") return secretOf(key);
      if (format !== "jwk") return undefined;
      return { kty: "oct", k: toBase64url(secretOf(key)), alg: `A${key.algorithm.length as number}${short}` };
    },
    generateKey(options, extractable, usages) {
      const length = checkLength(options.length);
      return makeKey("secret", { name, length }, extractable, usages, randomBytes(length / 8));
    },
    crypt,
    keyLength: (options) => checkLength(options.length),
  };
}

function crypt(encrypt: boolean, result: ArrayBuffer | undefined): ArrayBuffer {
  return done(result, encrypt ? "Encryption" : "Decryption");
}

const tagLengths = [32, 64, 96, 104, 112, 120, 128];

const aesGcm = aes("AES-GCM", 0, (encrypt, options, key, data) => {
  const tag = options.tagLength === undefined ? 128 : Number(options.tagLength);
  if (!tagLengths.includes(tag)) throw failure("OperationError", `Invalid AES-GCM tag length ${tag}.`);
  const iv = sourceOf(options.iv, "iv");
  if (iv.length === 0) throw failure("OperationError", "AES-GCM IV must not be empty.");
  const additional = options.additionalData === undefined ? none : sourceOf(options.additionalData, "additionalData");
  return crypt(encrypt, natives.aesCrypt(0, encrypt, secretOf(key), iv, additional, tag / 8, data));
});

const aesCbc = aes("AES-CBC", 1, (encrypt, options, key, data) => {
  const iv = sourceOf(options.iv, "iv");
  if (iv.length !== 16) throw failure("OperationError", `AES-CBC IV must be 16 bytes long (provided ${iv.length} bytes).`);
  return crypt(encrypt, natives.aesCrypt(1, encrypt, secretOf(key), iv, none, 0, data));
});

const aesCtr = aes("AES-CTR", 2, (encrypt, options, key, data) => {
  const counter = sourceOf(options.counter, "counter");
  const bits = Number(options.length);
  if (counter.length !== 16 || !(bits >= 1 && bits <= 128)) {
    throw failure("OperationError", "AES-CTR takes a counter of 16 bytes, of which 1 to 128 bits count.");
  }
  const blocks = Math.ceil(data.length / 16);
  if (bits < 53 && blocks > 2 ** bits) throw failure("OperationError", "The counter of AES-CTR would repeat.");
  // OpenSSL counts in all 128 bits. Where the part that counts runs over, start it again from zero.
  const mask = (1n << BigInt(bits)) - 1n;
  const start = counter.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const until = Number(bits < 53 ? mask - (start & mask) + 1n : BigInt(blocks));
  const run = (value: bigint, part: Uint8Array) => {
    const iv = Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * (15 - i))) & 255n));
    return new Uint8Array(crypt(encrypt, natives.aesCrypt(2, encrypt, secretOf(key), iv, none, 0, part)));
  };
  if (blocks <= until) return run(start, data).buffer as ArrayBuffer;
  const whole = new Uint8Array(data.length);
  whole.set(run(start, data.subarray(0, until * 16)));
  whole.set(run(start & ~mask, data.subarray(until * 16)), until * 16);
  return whole.buffer;
});

const aesKw = aes("AES-KW", 3, (encrypt, _options, key, data) =>
  crypt(encrypt, natives.aesCrypt(3, encrypt, secretOf(key), none, none, 0, data)),
);

// --- Secrets to derive from -----------------------------------------------------------------------

function derivation(name: string, derive: (options: Normalized, secret: Uint8Array, bytes: number) => ArrayBuffer | undefined): Algorithm {
  return {
    usages: ["deriveKey", "deriveBits"],
    importKey(format, data, _options, extractable, usages) {
      if (format !== "raw") throw unsupportedFormat(format);
      if (extractable) throw failure("SyntaxError", `${name} keys can't be extractable.`);
      return makeKey("secret", { name }, false, usages, data);
    },
    deriveBits(options, key, length) {
      if (length === null || length % 8 !== 0) {
        throw failure("OperationError", `${name} derives whole bytes: the length must be a multiple of 8.`);
      }
      if (length === 0) return new ArrayBuffer(0);
      return done(derive(options, secretOf(key), length / 8), "Deriving");
    },
    keyLength: () => null,
  };
}

const pbkdf2 = derivation("PBKDF2", (options, secret, bytes) => {
  const iterations = Number(options.iterations);
  const most = 100_000;
  if (!(iterations >= 1)) throw failure("OperationError", "PBKDF2 needs at least one iteration.");
  if (iterations > most) {
    throw failure(
      "NotSupportedError", `Pbkdf2 failed: iteration counts above ${most} are not supported (requested ${iterations}).`,
    );
  }
  return natives.pbkdf2(hashOf(options), secret, sourceOf(options.salt, "salt"), iterations, bytes);
});

const hkdf = derivation("HKDF", (options, secret, bytes) =>
  natives.hkdf(hashOf(options), secret, sourceOf(options.salt, "salt"), sourceOf(options.info, "info"), bytes),
);

// --- Pairs ----------------------------------------------------------------------------------------

type Parts = [kind: string, ...numbers: Uint8Array[]];

function partsOf(der: Uint8Array, isPrivate: boolean): Parts {
  const parts = natives.keyParts(der, isPrivate);
  if (parts === undefined) throw failure("DataError", `The ${isPrivate ? "PKCS #8" : "SubjectPublicKeyInfo"} is not one of a known key.`);
  return parts;
}

function build(parts: Parts, isPrivate: boolean): ArrayBuffer {
  const [kind, ...numbers] = parts;
  const der = natives.keyFromParts(kind, isPrivate, ...numbers);
  if (der === undefined) throw failure("DataError", "The numbers of the JWK are not those of a key.");
  return der;
}

const privateUsages: readonly Usage[] = ["sign", "decrypt", "unwrapKey", "deriveKey", "deriveBits"];

function checkSide(isPrivate: boolean, usages: readonly Usage[]): void {
  const bad = usages.find((usage) => privateUsages.includes(usage) !== isPrivate);
  if (bad !== undefined) {
    throw failure("SyntaxError", `The usage "${bad}" is not one of a ${isPrivate ? "private" : "public"} key.`);
  }
}

/** What algorithms with pairs have in common; `describe` makes a key's algorithm, and refuses kinds
 * that are not its own. */
function pairs(
  usages: readonly Usage[],
  jwkKind: string,
  describe: (parts: Parts, options: Normalized) => KeyAlgorithm,
  fromJwk: (jwk: Jwk, isPrivate: boolean, options: Normalized) => Parts,
  toJwk: (parts: Parts, isPrivate: boolean, key: CryptoKey) => Jwk,
  generate: (options: Normalized) => [ArrayBuffer, ArrayBuffer] | undefined,
): Algorithm {
  return {
    usages,
    importKey(format, data, options, extractable, list) {
      let isPrivate = format === "pkcs8";
      let der: Uint8Array | ArrayBuffer = data;
      if (format === "jwk") {
        expectKind(data, jwkKind);
        isPrivate = data.d !== undefined;
        der = build(fromJwk(data, isPrivate, options), isPrivate);
      } else if (format === "raw") {
        if (jwkKind === "RSA") throw unsupportedFormat(format);
        const made =
          jwkKind === "EC" ? natives.keyFromPoint(`${options.namedCurve as string}`, data) : natives.keyFromParts(options.name, false, data);
        if (made === undefined) throw failure("DataError", "The bytes are not a public key of this kind.");
        der = made;
      }
      const bytes = der instanceof Uint8Array ? der : new Uint8Array(der);
      const algorithm = describe(partsOf(bytes, isPrivate), options);
      checkSide(isPrivate, list);
      return makeKey(isPrivate ? "private" : "public", algorithm, extractable, list, bytes);
    },
    exportKey(format, key) {
      const isPrivate = key.type === "private";
      const der = secretOf(key);
      if (format === (isPrivate ? "pkcs8" : "spki")) return der;
      if (format === "jwk") return toJwk(partsOf(der, isPrivate), isPrivate, key);
      if (format !== "raw" || isPrivate || jwkKind === "RSA") return undefined;
      const [, x, y] = partsOf(der, false);
      return y === undefined ? x : Uint8Array.from([4, ...x!, ...y]);
    },
    generateKey(options, extractable, list) {
      const pair = generate(options);
      if (pair === undefined) throw failure("OperationError", "The keys could not be made.");
      const algorithm = describe(partsOf(new Uint8Array(pair[1]), false), options);
      return {
        publicKey: makeKey("public", algorithm, true, list.filter((usage) => !privateUsages.includes(usage)), pair[1]),
        privateKey: makeKey("private", algorithm, extractable, list.filter((usage) => privateUsages.includes(usage)), pair[0]),
      };
    },
  };
}

function expectType(key: CryptoKey, type: string): void {
  if (key.type !== type) throw failure("InvalidAccessError", `This operation needs a ${type} key.`);
}

/** sign() and verify() by the native's number for the scheme. */
function signing(how: number, hash: (options: Normalized, key: CryptoKey) => string, salt: (options: Normalized) => number): Pick<Algorithm, "sign" | "verify"> {
  return {
    sign(options, key, data) {
      expectType(key, "private");
      return done(natives.keySign(secretOf(key), how, hash(options, key), salt(options), data), "Signing");
    },
    verify(options, key, signature, data) {
      expectType(key, "public");
      return natives.keyVerify(secretOf(key), how, hash(options, key), salt(options), signature, data);
    },
  };
}

const curves = ["P-256", "P-384", "P-521"];

function curveKeys(name: string, usages: readonly Usage[]): Algorithm {
  return pairs(
    usages,
    "EC",
    ([kind], options) => {
      if (!curves.includes(kind) || (options.namedCurve !== undefined && options.namedCurve !== kind)) {
        throw failure("DataError", `The key is of ${kind}, and not of ${options.namedCurve as string}.`);
      }
      return { name, namedCurve: kind };
    },
    (jwk, isPrivate, options) => {
      if (jwk.crv !== options.namedCurve) throw failure("DataError", `The JWK's "crv" is ${JSON.stringify(jwk.crv)}, and not "${options.namedCurve as string}".`);
      const names = isPrivate ? ["x", "y", "d"] : ["x", "y"];
      return [`${jwk.crv as string}`, ...names.map((each) => fromBase64url(jwk, each))];
    },
    ([kind, x, y, d]) => ({
      kty: "EC", crv: kind, x: toBase64url(x!), y: toBase64url(y!), ...(d !== undefined && { d: toBase64url(d) }),
    }),
    (options) => {
      const curve = `${options.namedCurve as string}`;
      if (!curves.includes(curve)) throw failure("NotSupportedError", `Unrecognized or unimplemented EC curve "${curve}" requested.`);
      return natives.keyPairGenerate(curve);
    },
  );
}

function edwardsKeys(name: string, usages: readonly Usage[]): Algorithm {
  return pairs(
    usages,
    "OKP",
    ([kind]) => {
      if (kind !== name) throw failure("DataError", `The key is of ${kind}, and not of ${name}.`);
      return { name };
    },
    (jwk, isPrivate) => {
      if (jwk.crv !== name) throw failure("DataError", `The JWK's "crv" is ${JSON.stringify(jwk.crv)}, and not "${name}".`);
      return [name, ...(isPrivate ? ["x", "d"] : ["x"]).map((each) => fromBase64url(jwk, each))];
    },
    ([kind, x, d]) => ({ kty: "OKP", crv: kind, x: toBase64url(x!), ...(d !== undefined && { d: toBase64url(d) }) }),
    () => natives.keyPairGenerate(name),
  );
}

const rsaNames = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/** `jwkName`: of "alg", by the digits of the hash. */
function rsaKeys(name: string, usages: readonly Usage[], jwkName: (bits: string) => string): Algorithm {
  const alg = (hash: string) => jwkName(hash === "SHA-1" ? "" : hash.slice(4)).replace(/(PS|RS)$/, "$11");
  return pairs(
    usages,
    "RSA",
    ([kind, n, e], options) => {
      if (kind !== "RSA") throw failure("DataError", `The key is of ${kind}, and not of RSA.`);
      const modulusLength = n!.length * 8 - Math.clz32(n![0]!) + 24;
      return { name, modulusLength, publicExponent: e, hash: { name: hashOf(options) } };
    },
    (jwk, isPrivate, options) => {
      expectName(jwk, alg(hashOf(options)));
      return ["RSA", ...(isPrivate ? rsaNames : rsaNames.slice(0, 2)).map((each) => fromBase64url(jwk, each))];
    },
    ([, ...numbers], _isPrivate, key) => ({
      kty: "RSA", alg: alg(keyHash(key)), ...Object.fromEntries(numbers.map((number, i) => [rsaNames[i]!, toBase64url(number)])),
    }),
    (options) => {
      hashOf(options);
      const bits = Number(options.modulusLength);
      if (!(bits >= 256 && bits <= 16384 && bits % 8 === 0)) {
        throw failure("OperationError", `The modulus length must be between 256 and 16384 and a multiple of 8; it is ${bits}.`);
      }
      return natives.rsaPairGenerate(bits, sourceOf(options.publicExponent, "publicExponent"));
    },
  );
}

const agreement: Pick<Algorithm, "deriveBits"> = {
  deriveBits(options, key, length) {
    expectType(key, "private");
    const other: unknown = options.public;
    const publicKey = other as CryptoKey;
    if (typeof other !== "object" || other === null || !("algorithm" in other)) throw new TypeError('Missing field "public" in "derivedKeyParams".');
    expectType(publicKey, "public");
    if (publicKey.algorithm.name !== key.algorithm.name || publicKey.algorithm.namedCurve !== key.algorithm.namedCurve) {
      throw failure("InvalidAccessError", "The keys are not of one algorithm and curve.");
    }
    const secret = done(natives.keyDerive(secretOf(key), secretOf(publicKey)), "Deriving");
    if (length === null) return secret;
    if (length > secret.byteLength * 8) throw failure("OperationError", "Derived key length is too long.");
    const bytes = new Uint8Array(secret.slice(0, Math.ceil(length / 8)));
    if (length % 8 !== 0) bytes[bytes.length - 1]! &= 0xff00 >> length % 8;
    return bytes.buffer;
  },
};

const ownHash = (_options: Normalized, key: CryptoKey) => keyHash(key);
const noSalt = () => 0;

export const algorithms: Record<string, Algorithm | undefined> = {
  __proto__: null as never,
  HMAC: hmac,
  "AES-GCM": aesGcm,
  "AES-CBC": aesCbc,
  "AES-CTR": aesCtr,
  "AES-KW": aesKw,
  PBKDF2: pbkdf2,
  HKDF: hkdf,
  "RSASSA-PKCS1-v1_5": {
    ...rsaKeys("RSASSA-PKCS1-v1_5", ["sign", "verify"], (bits) => `RS${bits}`),
    ...signing(0, ownHash, noSalt),
  },
  "RSA-PSS": {
    ...rsaKeys("RSA-PSS", ["sign", "verify"], (bits) => `PS${bits}`),
    ...signing(1, ownHash, (options) => Number(options.saltLength)),
  },
  "RSA-OAEP": {
    ...rsaKeys("RSA-OAEP", ["encrypt", "decrypt", "wrapKey", "unwrapKey"], (bits) => (bits === "" ? "RSA-OAEP" : `RSA-OAEP-${bits}`)),
    crypt(encrypt, options, key, data) {
      expectType(key, encrypt ? "public" : "private");
      const label = options.label === undefined ? none : sourceOf(options.label, "label");
      return crypt(encrypt, natives.rsaOaep(encrypt, secretOf(key), keyHash(key), label, data));
    },
  },
  ECDSA: { ...curveKeys("ECDSA", ["sign", "verify"]), ...signing(2, hashOf, noSalt) },
  ECDH: { ...curveKeys("ECDH", ["deriveKey", "deriveBits"]), ...agreement },
  Ed25519: { ...edwardsKeys("Ed25519", ["sign", "verify"]), ...signing(3, () => "", noSalt) },
  X25519: { ...edwardsKeys("X25519", ["deriveKey", "deriveBits"]), ...agreement },
};
