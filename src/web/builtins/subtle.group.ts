// crypto.subtle: its methods beside digest().
// https://w3c.github.io/webcrypto/
import { natives } from "./natives.ts";
import { algorithms, type Algorithm, normalize, type Normalized } from "./subtle_algorithms.ts";
import { bytesOfSource } from "./webidl.ts";
import { checkUsages, CryptoKey, failure, isCryptoKey, type KeyPair, type Usage } from "./crypto_key.ts";

export { CryptoKey } from "./crypto_key.ts";

type JsonWebKey = Record<string, unknown> & { key_ops?: string[]; use?: string };
type Format = "raw" | "pkcs8" | "spki" | "jwk";

function bytes(value: unknown, method: string, index: number): Uint8Array {
  const source = bytesOfSource(value);
  if (source === undefined) {
    throw new TypeError(`Failed to execute '${method}' on 'SubtleCrypto': parameter ${index} is not of type 'ArrayBuffer or ArrayBufferView'.`);
  }
  return source;
}

function key(value: unknown, method: string, index: number): CryptoKey {
  if (isCryptoKey(value)) return value;
  throw new TypeError(`Failed to execute '${method}' on 'SubtleCrypto': parameter ${index} is not of type 'CryptoKey'.`);
}

/** The algorithm of `name`, if it has the operation and the key is for it. */
function using<K extends keyof Algorithm>(
  operation: K, given: unknown, cryptoKey: CryptoKey, usage: Usage | null,
): [NonNullable<Algorithm[K]>, Normalized] {
  const options = normalize(given);
  const run = algorithms[options.name]?.[operation];
  if (run === undefined) throw unsupported(operation, options.name);
  if (cryptoKey.algorithm.name !== options.name) {
    throw failure(
      "InvalidAccessError",
      `Requested algorithm name "${options.name}" does not match this CryptoKey "${cryptoKey.algorithm.name}".`,
    );
  }
  if (usage !== null && !cryptoKey.usages.includes(usage)) {
    throw failure("InvalidAccessError", `Requested key usage "${usage}" does not match any usage listed in this CryptoKey.`);
  }
  return [run, options];
}

function unsupported(operation: string, name: string): Error {
  return failure("NotSupportedError", `Unrecognized or unimplemented algorithm "${name}" for ${operation}().`);
}

export async function importKey(
  format: Format, data: unknown, given: unknown, extractable: boolean, usages: Usage[],
): Promise<CryptoKey> {
  const options = normalize(given);
  const run = algorithms[options.name]?.importKey;
  if (run === undefined) throw unsupported("importKey", options.name);
  if (!["raw", "pkcs8", "spki", "jwk"].includes(format)) {
    throw failure("NotSupportedError", `Unrecognized key import format "${format as string}".`);
  }
  const list = checkUsages(usages, algorithms[options.name]!.usages);
  if (format === "jwk") {
    if (typeof data !== "object" || data === null || bytesOfSource(data) !== undefined) {
      throw new TypeError("Key import format \"jwk\" requires a JsonWebKey.");
    }
    const jwk = data as JsonWebKey;
    if (jwk.ext === false && extractable) throw failure("DataError", 'The JWK\'s "ext" is false, and the key is to be extractable.');
    if (jwk.key_ops !== undefined && !list.every((usage) => jwk.key_ops!.includes(usage))) {
      throw failure("DataError", 'The JWK\'s "key_ops" do not allow these usages.');
    }
    const use = jwk.use;
    if (use !== undefined && list.length > 0) {
      const signs = list.some((usage) => usage === "sign" || usage === "verify");
      if ((use === "sig") !== signs) throw failure("DataError", `A JWK with "use" set to "${use}" can't be imported with these usages.`);
    }
    return run(format, jwk, options, !!extractable, list);
  }
  return run(format, bytes(data, "importKey", 2).slice(), options, !!extractable, list);
}

export async function exportKey(format: Format, cryptoKey: unknown): Promise<ArrayBuffer | JsonWebKey> {
  const from = key(cryptoKey, "exportKey", 2);
  const run = algorithms[from.algorithm.name]?.exportKey;
  if (run === undefined) throw unsupported("exportKey", from.algorithm.name);
  if (!from.extractable) throw failure("InvalidAccessError", "Attempt to export non-extractable CryptoKey.");
  const made = run(format, from);
  if (made === undefined) {
    throw failure("NotSupportedError", `A ${from.type} ${from.algorithm.name} key can't be exported as "${format}".`);
  }
  if (made instanceof Uint8Array) return made.slice().buffer as ArrayBuffer;
  return { ...made, key_ops: [...from.usages], ext: true } as JsonWebKey;
}

export async function generateKey(given: unknown, extractable: boolean, usages: Usage[]): Promise<CryptoKey | KeyPair> {
  const options = normalize(given);
  const run = algorithms[options.name]?.generateKey;
  if (run === undefined) throw unsupported("generateKey", options.name);
  const list = checkUsages(usages, algorithms[options.name]!.usages);
  const made = run(options, !!extractable, list);
  const secret = made instanceof CryptoKey ? made : made.privateKey;
  if (secret.usages.length === 0) throw failure("SyntaxError", "Usages cannot be empty when creating a key.");
  return made;
}

export async function sign(given: unknown, cryptoKey: unknown, data: unknown): Promise<ArrayBuffer> {
  const [run, options] = using("sign", given, key(cryptoKey, "sign", 2), "sign");
  return run(options, cryptoKey as CryptoKey, bytes(data, "sign", 3));
}

export async function verify(given: unknown, cryptoKey: unknown, signature: unknown, data: unknown): Promise<boolean> {
  const [run, options] = using("verify", given, key(cryptoKey, "verify", 2), "verify");
  return run(options, cryptoKey as CryptoKey, bytes(signature, "verify", 3), bytes(data, "verify", 4));
}

export async function encrypt(given: unknown, cryptoKey: unknown, data: unknown): Promise<ArrayBuffer> {
  const [run, options] = using("crypt", given, key(cryptoKey, "encrypt", 2), "encrypt");
  return run(true, options, cryptoKey as CryptoKey, bytes(data, "encrypt", 3));
}

export async function decrypt(given: unknown, cryptoKey: unknown, data: unknown): Promise<ArrayBuffer> {
  const [run, options] = using("crypt", given, key(cryptoKey, "decrypt", 2), "decrypt");
  return run(false, options, cryptoKey as CryptoKey, bytes(data, "decrypt", 3));
}

export async function deriveBits(given: unknown, cryptoKey: unknown, length: number | null = null): Promise<ArrayBuffer> {
  const [run, options] = using("deriveBits", given, key(cryptoKey, "deriveBits", 2), "deriveBits");
  return run(options, cryptoKey as CryptoKey, length);
}

export async function deriveKey(
  given: unknown, cryptoKey: unknown, wanted: unknown, extractable: boolean, usages: Usage[],
): Promise<CryptoKey> {
  const [run, options] = using("deriveBits", given, key(cryptoKey, "deriveKey", 2), "deriveKey");
  const target = normalize(wanted);
  const length = algorithms[target.name]?.keyLength;
  if (length === undefined) throw unsupported("deriveKey", target.name);
  const secret = run(options, cryptoKey as CryptoKey, length(target));
  return await importKey("raw", secret, target, extractable, usages);
}

export async function wrapKey(format: Format, cryptoKey: unknown, wrapper: unknown, given: unknown): Promise<ArrayBuffer> {
  const [run, options] = using("crypt", given, key(wrapper, "wrapKey", 3), "wrapKey");
  const exported = await exportKey(format, key(cryptoKey, "wrapKey", 2));
  const data = format === "jwk" ? natives.encodeUtf8(JSON.stringify(exported)) : new Uint8Array(exported as ArrayBuffer);
  return run(true, options, wrapper as CryptoKey, data);
}

export async function unwrapKey(
  format: Format, wrapped: unknown, wrapper: unknown, given: unknown, wanted: unknown, extractable: boolean, usages: Usage[],
): Promise<CryptoKey> {
  const [run, options] = using("crypt", given, key(wrapper, "unwrapKey", 3), "unwrapKey");
  const data = run(false, options, wrapper as CryptoKey, bytes(wrapped, "unwrapKey", 2));
  if (format !== "jwk") return await importKey(format, data, wanted, extractable, usages);
  let jwk: unknown;
  try {
    jwk = JSON.parse(natives.decodeUtf8(data, true)!);
  } catch {
    throw failure("DataError", "The wrapped key is not a JWK.");
  }
  return await importKey(format, jwk, wanted, extractable, usages);
}
