import { describe, equal, ok, rejects, test, throws, utf8 } from "../harness.js";

describe("crypto");

const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

test("digests", async () => {
  const known = {
    MD5: "900150983cd24fb0d6963f7d28e17f72",
    "SHA-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SHA-384":
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "SHA-512":
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  };
  for (const [name, value] of Object.entries(known)) {
    equal(hex(await crypto.subtle.digest(name, utf8("abc"))), value, name);
    equal(hex(await crypto.subtle.digest({ name: name.toLowerCase() }, utf8("xabcx").subarray(1, 4))), value);
  }
  equal(
    hex(await crypto.subtle.digest("SHA-256", new ArrayBuffer(0))),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

test("unknown digests", async () => {
  await rejects(crypto.subtle.digest("SHA-3", utf8("")), "NotSupportedError");
  await rejects(crypto.subtle.digest("SHA-256", "text"), TypeError);
});

test("getRandomValues()", () => {
  const view = new Uint32Array(16);
  ok(crypto.getRandomValues(view) === view);
  ok(view.some((value) => value !== 0));
  const part = new Uint8Array(64).subarray(16, 32);
  crypto.getRandomValues(part);
  const whole = new Uint8Array(part.buffer);
  ok(whole.subarray(0, 16).every((byte) => byte === 0) && whole.subarray(32).every((byte) => byte === 0));
  equal(crypto.getRandomValues(new Uint8Array(65536)).length, 65536);
  equal(crypto.getRandomValues(new BigInt64Array(0)).length, 0);
  throws(() => crypto.getRandomValues(new Uint8Array(65537)), "QuotaExceededError");
  throws(() => crypto.getRandomValues(new Float32Array(1)), "TypeMismatchError");
  throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(8))), "TypeMismatchError");
});

test("randomUUID()", () => {
  const seen = new Set();
  for (let i = 0; i < 300; i++) {
    const id = crypto.randomUUID();
    ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id), id);
    seen.add(id);
  }
  equal(seen.size, 300);
});

test("timingSafeEqual()", () => {
  equal(crypto.subtle.timingSafeEqual(utf8("abc"), utf8("abc")), true);
  equal(crypto.subtle.timingSafeEqual(utf8("abc"), utf8("abd")), false);
  throws(() => crypto.subtle.timingSafeEqual(utf8("abc"), utf8("ab")), TypeError);
});

test("classes", () => {
  ok(crypto instanceof Crypto && crypto.subtle instanceof SubtleCrypto);
  throws(() => new Crypto(), TypeError);
});
