import crypto, { createHash, createHmac, randomBytes, randomInt, timingSafeEqual, webcrypto } from "node:crypto";
import { describe, equal, ok, test, throws } from "../../js/harness.js";

describe("crypto");

test("hashes", () => {
  equal(createHash("sha256").update("a").update(Buffer.from("b")).digest("hex"), "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603");
  equal(createHash("md5").update("").digest("base64"), "1B2M2Y8AsgTpgAmY7PhCfg==");
  equal(createHash("SHA1").update("ä", "latin1").digest("hex"), createHash("sha1").update(Buffer.from([0xe4])).digest("hex"));
  ok(Buffer.isBuffer(createHash("sha512").digest()));
  const first = createHash("sha256").update("a");
  const copy = first.copy();
  equal(first.update("b").digest("hex") === copy.digest("hex"), false);
  throws(() => first.update("c"), Error);
  throws(() => createHash("nope"), Error);
});

test("keyed hashes", () => {
  equal(createHmac("sha256", "key").update("The quick brown fox jumps over the lazy dog").digest("hex"),
    "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  equal(createHmac("sha1", Buffer.alloc(100, 1)).update("x").digest().length, 20);
});

test("randomness", () => {
  equal(randomBytes(65536).length, 65536);
  ok(!randomBytes(16).equals(randomBytes(16)));
  for (let i = 0; i < 100; ++i) ok([5, 6].includes(randomInt(5, 7)));
  ok(/^[0-9a-f-]{36}$/.test(crypto.randomUUID()));
  equal(crypto.randomFillSync(Buffer.alloc(8)).length, 8);
  throws(() => randomBytes(-1), RangeError);
});

test("beside them", () => {
  ok(webcrypto === globalThis.crypto || typeof webcrypto.subtle === "object");
  equal([timingSafeEqual(Buffer.from("a"), Buffer.from("a")), timingSafeEqual(Buffer.from("a"), Buffer.from("b"))], [true, false]);
  throws(() => timingSafeEqual(Buffer.from("a"), Buffer.from("ab")), RangeError);
  ok(crypto.getHashes().length > 3);
});
