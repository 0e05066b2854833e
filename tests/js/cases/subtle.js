// crypto.subtle with keys: known answers, and every way in and out.
import { bytes, describe, equal, ok, rejects, test, throws, utf8 } from "../harness.js";

describe("subtle");

const { subtle } = crypto;
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

test("HMAC: known answers", async () => {
  const key = await subtle.importKey("raw", utf8("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const data = utf8("The quick brown fox jumps over the lazy dog");
  const signature = await subtle.sign("HMAC", key, data);
  equal(hex(signature), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  ok(await subtle.verify("HMAC", key, signature, data));
  ok(!(await subtle.verify("HMAC", key, signature, utf8("other"))));
  ok(!(await subtle.verify("HMAC", key, signature.slice(1), data)));
  equal([key.type, key.extractable, key.algorithm.name, key.algorithm.hash.name, key.algorithm.length], ["secret", false, "HMAC", "SHA-256", 24]);
  ok(key instanceof CryptoKey);
});

test("HMAC: keys as JWK and made anew", async () => {
  const key = await subtle.generateKey({ name: "hmac", hash: { name: "sha-512" } }, true, ["verify", "sign"]);
  const jwk = await subtle.exportKey("jwk", key);
  equal([jwk.kty, jwk.alg, jwk.ext, [...jwk.key_ops].sort().join()], ["oct", "HS512", true, "sign,verify"]);
  equal((await subtle.exportKey("raw", key)).byteLength, 128);
  const again = await subtle.importKey("jwk", jwk, { name: "HMAC", hash: "SHA-512" }, true, ["sign"]);
  equal(hex(await subtle.sign("HMAC", again, utf8("x"))), hex(await subtle.sign("HMAC", key, utf8("x"))));
});

test("AES-GCM: a known answer, and what was tampered with", async () => {
  const key = await subtle.importKey("raw", unhex("feffe9928665731c6d6a8f9467308308"), "AES-GCM", false, ["encrypt", "decrypt"]);
  const options = {
    name: "AES-GCM", iv: unhex("cafebabefacedbaddecaf888"), additionalData: unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  };
  const plain = unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const secret = new Uint8Array(await subtle.encrypt(options, key, plain));
  equal(hex(secret), "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");
  equal(hex(await subtle.decrypt(options, key, secret)), hex(plain));
  secret[3] ^= 1;
  await rejects(subtle.decrypt(options, key, secret), "OperationError");
});

test("AES-CBC, AES-CTR and AES-KW", async () => {
  const data = utf8("some text that is longer than one block of sixteen bytes");
  for (const options of [
    { name: "AES-CBC", iv: new Uint8Array(16) },
    { name: "AES-CTR", counter: new Uint8Array(16).fill(255), length: 64 },
  ]) {
    const key = await subtle.generateKey({ name: options.name, length: 256 }, true, ["encrypt", "decrypt"]);
    const secret = await subtle.encrypt(options, key, data);
    ok(hex(secret) !== hex(data));
    equal(hex(await subtle.decrypt(options, key, secret)), hex(data), options.name);
  }
  const wrapping = await subtle.importKey("raw", unhex("000102030405060708090a0b0c0d0e0f"), "AES-KW", false, ["wrapKey", "unwrapKey"]);
  const inner = await subtle.importKey("raw", unhex("00112233445566778899aabbccddeeff"), "AES-GCM", true, ["encrypt"]);
  const wrapped = await subtle.wrapKey("raw", inner, wrapping, "AES-KW");
  equal(hex(wrapped), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
  const unwrapped = await subtle.unwrapKey("raw", wrapped, wrapping, "AES-KW", "AES-GCM", true, ["encrypt"]);
  equal(hex(await subtle.exportKey("raw", unwrapped)), "00112233445566778899aabbccddeeff");
});

test("PBKDF2 and HKDF: known answers", async () => {
  const password = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits", "deriveKey"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt: utf8("salt"), iterations: 2 };
  equal(hex(await subtle.deriveBits(pbkdf2, password, 256)), "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43");
  const secret = await subtle.importKey("raw", new Uint8Array(22).fill(11), "HKDF", false, ["deriveBits"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: unhex("000102030405060708090a0b0c"), info: unhex("f0f1f2f3f4f5f6f7f8f9") };
  equal(hex(await subtle.deriveBits(hkdf, secret, 336)), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  const key = await subtle.deriveKey(pbkdf2, password, { name: "AES-GCM", length: 128 }, true, ["encrypt"]);
  equal(hex(await subtle.exportKey("raw", key)), "ae4d0c95af6b46d32d0adff928f06dd0");
});

for (const namedCurve of ["P-256", "P-384", "P-521"]) {
  test(`ECDSA with ${namedCurve}`, async () => {
    const { publicKey, privateKey } = await subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
    equal([publicKey.type, privateKey.type, publicKey.usages.join(), privateKey.usages.join(), privateKey.algorithm.namedCurve],
      ["public", "private", "verify", "sign", namedCurve]);
    const options = { name: "ECDSA", hash: "SHA-256" };
    const signature = await subtle.sign(options, privateKey, utf8("x"));
    equal(signature.byteLength, { "P-256": 64, "P-384": 96, "P-521": 132 }[namedCurve]);
    for (const format of ["jwk", "spki", "raw"]) {
      const again = await subtle.importKey(format, await subtle.exportKey(format, publicKey), { name: "ECDSA", namedCurve }, true, ["verify"]);
      ok(await subtle.verify(options, again, signature, utf8("x")), format);
      ok(!(await subtle.verify(options, again, signature, utf8("y"))), format);
    }
    for (const format of ["jwk", "pkcs8"]) {
      const again = await subtle.importKey(format, await subtle.exportKey(format, privateKey), { name: "ECDSA", namedCurve }, true, ["sign"]);
      ok(await subtle.verify(options, publicKey, await subtle.sign(options, again, utf8("z")), utf8("z")), format);
    }
  });
}

test("ECDH and X25519 agree on a secret", async () => {
  for (const algorithm of [{ name: "ECDH", namedCurve: "P-256" }, { name: "X25519" }]) {
    const [a, b] = await Promise.all([0, 1].map(() => subtle.generateKey(algorithm, true, ["deriveBits"])));
    const one = await subtle.deriveBits({ name: algorithm.name, public: b.publicKey }, a.privateKey, 256);
    const two = await subtle.deriveBits({ name: algorithm.name, public: a.publicKey }, b.privateKey, 256);
    equal(hex(one), hex(two));
    equal(one.byteLength, 32);
  }
});

test("Ed25519: a known answer", async () => {
  const jwk = {
    kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  };
  const key = await subtle.importKey("jwk", jwk, "Ed25519", true, ["sign"]);
  const signature = await subtle.sign("Ed25519", key, bytes());
  equal(hex(signature), "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  const { d, ...rest } = jwk;
  const publicKey = await subtle.importKey("jwk", rest, "Ed25519", true, ["verify"]);
  ok(await subtle.verify("Ed25519", publicKey, signature, bytes()));
  equal((await subtle.exportKey("raw", publicKey)).byteLength, 32);
});

test("RSA: signatures and encryption", async () => {
  const options = { modulusLength: 2048, publicExponent: bytes(1, 0, 1), hash: "SHA-256" };
  for (const how of [{ name: "RSASSA-PKCS1-v1_5" }, { name: "RSA-PSS", saltLength: 32 }]) {
    const { publicKey, privateKey } = await subtle.generateKey({ ...options, name: how.name }, true, ["sign", "verify"]);
    equal([publicKey.algorithm.modulusLength, [...publicKey.algorithm.publicExponent]], [2048, [1, 0, 1]]);
    const jwk = await subtle.exportKey("jwk", privateKey);
    equal([jwk.kty, jwk.alg, jwk.e], ["RSA", how.name === "RSA-PSS" ? "PS256" : "RS256", "AQAB"]);
    const again = await subtle.importKey("jwk", jwk, { name: how.name, hash: "SHA-256" }, false, ["sign"]);
    const signature = await subtle.sign(how, again, utf8("x"));
    ok(await subtle.verify(how, publicKey, signature, utf8("x")));
    ok(!(await subtle.verify(how, publicKey, signature, utf8("y"))));
  }
  const pair = await subtle.generateKey({ ...options, name: "RSA-OAEP" }, true, ["encrypt", "decrypt"]);
  const secret = await subtle.encrypt({ name: "RSA-OAEP", label: utf8("l") }, pair.publicKey, utf8("hi"));
  equal(hex(await subtle.decrypt({ name: "RSA-OAEP", label: utf8("l") }, pair.privateKey, secret)), hex(utf8("hi")));
  await rejects(subtle.decrypt("RSA-OAEP", pair.privateKey, secret), "OperationError");
});

test("what a key may not do", async () => {
  const key = await subtle.importKey("raw", utf8("key"), { name: "HMAC", hash: "SHA-1" }, false, ["verify"]);
  await rejects(subtle.sign("HMAC", key, utf8("x")), "InvalidAccessError");
  await rejects(subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, utf8("x")), "InvalidAccessError");
  await rejects(subtle.exportKey("raw", key), "InvalidAccessError");
  await rejects(subtle.importKey("raw", utf8("key"), { name: "HMAC", hash: "SHA-1" }, false, []), "SyntaxError");
  await rejects(subtle.importKey("raw", utf8("key"), { name: "HMAC", hash: "SHA-1" }, false, ["encrypt"]), "SyntaxError");
  await rejects(subtle.importKey("raw", utf8("short"), "AES-GCM", false, ["encrypt"]), "DataError");
  await rejects(subtle.importKey("raw", utf8("key"), "NOPE", false, ["sign"]), "NotSupportedError");
  await rejects(subtle.importKey("spki", utf8("nonsense"), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]), "DataError");
  await rejects(subtle.sign("HMAC", {}, utf8("x")), TypeError);
  throws(() => new CryptoKey(), TypeError);
});
