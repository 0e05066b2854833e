import { bytes, describe, equal, ok, test, throws } from "../harness.js";

describe("text");

test("TextEncoder", () => {
  const encoder = new TextEncoder();
  equal(encoder.encoding, "utf-8");
  equal(encoder.encode("a€😀"), bytes(0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80));
  equal(encoder.encode("\ud800x"), bytes(0xef, 0xbf, 0xbd, 0x78));
  equal(encoder.encode(), bytes());
  equal(encoder.encode(""), bytes());
  equal(encoder.encode(5), bytes(0x35));
});

test("encodeInto() writes whole characters", () => {
  const encoder = new TextEncoder();
  const target = new Uint8Array(4);
  equal(encoder.encodeInto("a€x", target), { read: 2, written: 4 });
  equal(target, bytes(0x61, 0xe2, 0x82, 0xac));
  equal(encoder.encodeInto("😀", new Uint8Array(3)), { read: 0, written: 0 });
  equal(encoder.encodeInto("😀", new Uint8Array(4)), { read: 2, written: 4 });
  equal(encoder.encodeInto("abc", new Uint8Array(0)), { read: 0, written: 0 });
  const part = new Uint8Array(8).subarray(2, 4);
  equal(encoder.encodeInto("xyz", part), { read: 2, written: 2 });
  equal([...new Uint8Array(part.buffer)], [0, 0, 120, 121, 0, 0, 0, 0]);
  throws(() => encoder.encodeInto("a", []), TypeError);
});

test("UTF-8 is decoded", () => {
  const decoder = new TextDecoder();
  equal([decoder.encoding, decoder.fatal, decoder.ignoreBOM], ["utf-8", false, false]);
  equal(decoder.decode(bytes(0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80)), "a€😀");
  equal(decoder.decode(), "");
  equal(decoder.decode(new DataView(bytes(0x78, 0x61).buffer, 1)), "a");
  equal(decoder.decode(bytes(0x61).buffer), "a");
  throws(() => decoder.decode("text"), TypeError);
});

test("malformed UTF-8: one U+FFFD for each maximal part", () => {
  const decode = (...values) => new TextDecoder().decode(bytes(...values));
  equal(decode(0xff), "\ufffd");
  equal(decode(0xc0, 0x80), "\ufffd\ufffd");
  equal(decode(0xe2, 0x82), "\ufffd");
  equal(decode(0xe2, 0x82, 0x41), "\ufffdA");
  equal(decode(0xed, 0xa0, 0x80), "\ufffd\ufffd\ufffd");
  equal(decode(0xf0, 0x9f, 0x98, 0x41), "\ufffdA");
  equal(decode(0xf4, 0x90, 0x80, 0x80), "\ufffd\ufffd\ufffd\ufffd");
});

test("fatal", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  equal(decoder.fatal, true);
  for (const bad of [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    throws(() => decoder.decode(bytes(...bad)), TypeError);
  }
  equal(decoder.decode(bytes(0xf4, 0x8f, 0xbf, 0xbf)), "\u{10ffff}");
});

test("byte order marks", () => {
  const marked = bytes(0xef, 0xbb, 0xbf, 0x61);
  equal(new TextDecoder().decode(marked), "a");
  equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(marked), "\ufeffa");
  const decoder = new TextDecoder();
  equal(decoder.decode(marked) + decoder.decode(marked), "aa");
  equal(new TextDecoder("utf-16le").decode(bytes(0xff, 0xfe, 0x61, 0)), "a");
});

test("a stream of chunks, split anywhere", () => {
  const all = bytes(0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0x62);
  for (let size = 1; size <= all.length; size++) {
    const decoder = new TextDecoder();
    let text = "";
    for (let at = 0; at < all.length; at += size) {
      text += decoder.decode(all.subarray(at, at + size), { stream: true });
    }
    equal(text + decoder.decode(), "a€😀\ufffdb", `chunks of ${size}`);
  }
  const unfinished = new TextDecoder();
  equal(unfinished.decode(bytes(0xe2, 0x82), { stream: true }), "");
  equal(unfinished.decode(), "\ufffd");
  equal(unfinished.decode(bytes(0x61)), "a");
});

test("UTF-16", () => {
  equal(new TextDecoder("utf-16le").decode(bytes(0x61, 0, 0x3d, 0xd8, 0, 0xde)), "a😀");
  equal(new TextDecoder("utf-16be").decode(bytes(0, 0x61, 0xd8, 0x3d, 0xde, 0)), "a😀");
  equal(new TextDecoder("utf-16").encoding, "utf-16le");
  equal(new TextDecoder("utf-16le").decode(bytes(0x61, 0, 0)), "a\ufffd");
  equal(new TextDecoder("utf-16le").decode(bytes(0, 0xd8, 0x61, 0)), "\ufffda");
  throws(() => new TextDecoder("utf-16le", { fatal: true }).decode(bytes(0, 0xd8)), TypeError);
  const decoder = new TextDecoder("utf-16le");
  let text = "";
  for (const byte of [0x61, 0, 0x3d, 0xd8, 0, 0xde]) text += decoder.decode(bytes(byte), { stream: true });
  equal(text + decoder.decode(), "a😀");
});

test("labels", () => {
  equal(new TextDecoder(" UTF8\n").encoding, "utf-8");
  equal(new TextDecoder("unicode-1-1-utf-8").encoding, "utf-8");
  for (const label of ["latin1", "ascii", "iso-8859-1", "windows-1252", "us-ascii"]) {
    equal(new TextDecoder(label).encoding, "windows-1252");
  }
  equal(new TextDecoder("latin1").decode(bytes(0x80, 0xe9, 0x41)), "€éA");
  equal(new TextDecoder("latin1").decode(bytes(0xe9, 0x41)), "éA");
  throws(() => new TextDecoder("nonsense"), RangeError);
  throws(() => new TextDecoder("__proto__"), RangeError);
});

test("long texts", () => {
  const long = "ä€😀x".repeat(50000);
  ok(new TextDecoder().decode(new TextEncoder().encode(long)) === long);
});
