import { describe, equal, ok, rejects, test, text, throws, utf8 } from "../harness.js";

describe("compression");

const formats = ["gzip", "deflate", "deflate-raw"];

function through(data, transform) {
  return new Response(new Blob([data]).stream().pipeThrough(transform)).bytes();
}

test("round trip", async () => {
  const long = "0123456789".repeat(20000) + Math.random();
  for (const format of formats) {
    const packed = await through(long, new CompressionStream(format));
    ok(packed.length < long.length / 20, format);
    const unpacked = await through(packed, new DecompressionStream(format));
    equal(new TextDecoder().decode(unpacked) === long, true, format);
  }
});

test("incompressible data", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(60000));
  for (const format of formats) {
    const packed = await through(noise, new CompressionStream(format));
    equal(await through(packed, new DecompressionStream(format)), noise, format);
  }
});

test("known gzip", async () => {
  const packed = Uint8Array.from(
    atob("H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA=="), (c) => c.charCodeAt(0));
  equal(await text(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))), "hello world");
});

test("empty input", async () => {
  const packed = await through("", new CompressionStream("gzip"));
  ok(packed.length > 10);
  equal((await through(packed, new DecompressionStream("gzip"))).length, 0);
});

test("chunks of any size", async () => {
  const stream = new DecompressionStream("deflate");
  const packed = await through("abc".repeat(1000), new CompressionStream("deflate"));
  const writer = stream.writable.getWriter();
  const all = text(stream.readable);
  for (const byte of packed) await writer.write(Uint8Array.of(byte));
  await writer.close();
  equal((await all) === "abc".repeat(1000), true);
});

test("broken data", async () => {
  const packed = await through("hello hello", new CompressionStream("gzip"));
  await rejects(through(packed.subarray(0, 12), new DecompressionStream("gzip")), TypeError, "incomplete data");
  await rejects(through(utf8("not compressed at all"), new DecompressionStream("gzip")), TypeError, "Decompression failed");
  const trailing = new Uint8Array([...packed, 1]);
  await rejects(through(trailing, new DecompressionStream("gzip")), TypeError, "Trailing bytes");
});

test("unknown formats", () => {
  throws(() => new CompressionStream("zip"), TypeError, "must be either");
  throws(() => new DecompressionStream("br"), TypeError);
  throws(() => new CompressionStream(), TypeError);
});
