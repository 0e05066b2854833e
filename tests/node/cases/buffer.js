import * as module from "node:buffer";
import { Buffer as Again } from "buffer";
import { describe, equal, ok, test, throws } from "../../js/harness.js";

describe("buffer");
const list = (buffer) => [...buffer];

test("the global is the module's", () => {
  ok(Buffer === module.Buffer && Again === Buffer && module.default.Buffer === Buffer);
  ok(Buffer.from("") instanceof Uint8Array && Buffer.isBuffer(Buffer.alloc(1)) && !Buffer.isBuffer(new Uint8Array(1)));
});

test("strings in every encoding, there and back", () => {
  const cases = [
    ["häl€😀", "utf8", "68c3a46ce282acf09f9880"], ["hä", "latin1", "68e4"], ["hä", "binary", "68e4"],
    ["hi", "ascii", "6869"], ["hä€", "utf16le", "6800e400ac20"], ["hi", "ucs2", "68006900"], ["fffe01", "hex", "fffe01"],
    ["aGk=", "base64", "6869"], ["-_8", "base64url", "fbff"], ["hi", "UTF-8", "6869"],
  ];
  for (const [text, encoding, hex] of cases) {
    const buffer = Buffer.from(text, encoding);
    equal(buffer.toString("hex"), hex, encoding);
    equal(buffer.toString(encoding), text, encoding);
    equal(Buffer.byteLength(text, encoding), buffer.length, encoding);
  }
});

test("lenient base64 and hex", () => {
  equal(Buffer.from("aG k\n=", "base64").toString(), "hi");
  equal(Buffer.from("aGk", "base64").toString(), "hi");
  equal(list(Buffer.from("-_-_", "base64")), [251, 255, 191]);
  equal(list(Buffer.from("ffzz01", "hex")), [255]);
  equal(list(Buffer.from("fff", "hex")), [255]);
  equal(Buffer.from([255, 254]).toString("base64"), "//4=");
});

test("from arrays, buffers and views", () => {
  equal(list(Buffer.from([1, 257, -1, "3"])), [1, 1, 255, 3]);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const copy = Buffer.from(bytes);
  bytes[0] = 9;
  equal(list(copy), [1, 2, 3, 4]);
  const shared = Buffer.from(bytes.buffer, 1, 2);
  bytes[1] = 7;
  equal(list(shared), [7, 3]);
  equal(list(Buffer.from({ type: "Buffer", data: [1, 2] })), [1, 2]);
  equal(list(Buffer.from(JSON.parse(JSON.stringify(Buffer.from("ab"))))), [97, 98]);
  equal(list(Buffer.from(new String("ab"))), [97, 98]);
  throws(() => Buffer.from(5), TypeError);
  throws(() => Buffer.from(null), TypeError);
  throws(() => Buffer.from("x", "nope"), TypeError, "Unknown encoding");
});

test("alloc and fill", () => {
  equal(list(Buffer.alloc(3)), [0, 0, 0]);
  equal(Buffer.alloc(5, "ab").toString(), "ababa");
  equal(list(Buffer.alloc(2, 7)), [7, 7]);
  equal(Buffer.alloc(4).fill("x", 1, 3).toString("latin1"), "\0xx\0");
  equal(Buffer.alloc(4, "YQ==", "base64").toString(), "aaaa");
  equal(Buffer.allocUnsafe(3).length, 3);
  throws(() => Buffer.alloc(-1), RangeError);
  throws(() => Buffer.alloc("5"), TypeError);
});

test("slices share memory", () => {
  const buffer = Buffer.from("hello");
  const slice = buffer.slice(1, -1);
  const sub = buffer.subarray(-2);
  ok(Buffer.isBuffer(slice) && Buffer.isBuffer(sub));
  slice[0] = 0x61;
  equal(buffer.toString(), "hallo");
  equal(sub.toString(), "lo");
});

test("toString() of a part", () => {
  const buffer = Buffer.from("hello");
  equal(buffer.toString("utf8", 1, 3), "el");
  equal(buffer.toString(undefined, 3), "lo");
  equal(buffer.toString("latin1", -5, 99), "hello");
  equal(Buffer.from([0x68, 0xff]).toString(), "h\ufffd");
  throws(() => buffer.toString("nope"), TypeError);
});

test("write() stays within", () => {
  const buffer = Buffer.alloc(6);
  equal(buffer.write("ab"), 2);
  equal(buffer.write("cd€", 2), 2 + 0);
  equal(buffer.toString("latin1"), "abcd\0\0");
  equal(buffer.write("zz", 4, 1), 1);
  equal(buffer.write("6162", 0, "hex"), 2);
  throws(() => buffer.write("a", 7), RangeError);
});

test("concat, compare, equals", () => {
  equal(Buffer.concat([Buffer.from("a"), new Uint8Array([98])]).toString(), "ab");
  equal(list(Buffer.concat([Buffer.from("abc")], 2)), [97, 98]);
  equal(list(Buffer.concat([Buffer.from("a")], 2)), [97, 0]);
  equal([Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("b").compare(Buffer.from("a"))], [-1, 1]);
  ok(Buffer.from("a").equals(new Uint8Array([97])) && !Buffer.from("a").equals(Buffer.from("ab")));
  equal(["c", "a", "b"].map((each) => Buffer.from(each)).sort(Buffer.compare).join(""), "abc");
});

test("copy, indexOf, includes", () => {
  const target = Buffer.alloc(4);
  equal(Buffer.from("abcdef").copy(target, 1, 2, 4), 2);
  equal(target.toString("latin1"), "\0cd\0");
  const text = Buffer.from("abcabc");
  equal([text.indexOf("bc"), text.indexOf("bc", 2), text.lastIndexOf("bc"), text.indexOf("x")], [1, 4, 4, -1]);
  equal([text.indexOf(99), text.indexOf(Buffer.from("ca")), text.includes("cab"), text.indexOf("")], [2, 2, true, 0]);
});

test("numbers", () => {
  const buffer = Buffer.alloc(16);
  equal(buffer.writeUInt32BE(0xdeadbeef, 0), 4);
  equal(buffer.readUInt32BE(0), 0xdeadbeef);
  equal(buffer.readInt16LE(0), -21026);
  buffer.writeDoubleBE(1.5, 8);
  equal(buffer.readDoubleBE(8), 1.5);
  buffer.writeFloatLE(-0.5, 4);
  equal(buffer.readFloatLE(4), -0.5);
  buffer.writeBigInt64LE(-5n, 0);
  equal(buffer.readBigInt64LE(0), -5n);
  buffer.writeUIntBE(0x123456, 0, 3);
  equal([buffer.readUIntBE(0, 3), buffer.readUint8(2), buffer.readInt8(0)], [0x123456, 0x56, 0x12]);
  throws(() => buffer.readUInt32LE(14), RangeError);
  throws(() => buffer.writeUInt8(256, 0), RangeError);
  equal(Buffer.from([1, 2, 3, 4]).swap16().toString("hex"), "02010403");
});

test("JSON and inspection", () => {
  equal(JSON.stringify(Buffer.from("ab")), '{"type":"Buffer","data":[97,98]}');
  equal(isUtf8AndAscii(), [true, false, true, false]);
});
function isUtf8AndAscii() {
  const { isAscii, isUtf8 } = module;
  return [isUtf8(Buffer.from("ä")), isUtf8(Buffer.from([255])), isAscii(Buffer.from("a")), isAscii(Buffer.from("ä"))];
}

test("the old constructor", () => {
  equal(list(new Buffer("ab")), [97, 98]);
  equal(new Buffer(3).length, 3);
  equal(list(Buffer([1])), [1]);
});

test("beside it", () => {
  equal(module.transcode(Buffer.from("ä€"), "utf8", "latin1").toString("latin1"), "ä?");
  ok(module.Blob === Blob && module.File === File && module.constants.MAX_LENGTH > 0 && module.kMaxLength > 0);
  equal([Buffer.isEncoding("hex"), Buffer.isEncoding("nope"), Buffer.poolSize], [true, false, 8192]);
});
