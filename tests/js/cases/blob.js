import { bytes, describe, equal, ok, test, text, throws, utf8 } from "../harness.js";

describe("blob");

test("parts of every kind are joined", async () => {
  const blob = new Blob(["a", utf8("b"), utf8("xcx").subarray(1, 2), utf8("d").buffer, new Blob(["e"]), 5]);
  equal(blob.size, 6);
  equal(await blob.text(), "abcde5");
  equal(await blob.bytes(), utf8("abcde5"));
  equal((await blob.arrayBuffer()).byteLength, 6);
  equal(await text(blob.stream()), "abcde5");
});

test("the parts are copied", async () => {
  const part = utf8("abc");
  const blob = new Blob([part]);
  part[0] = 0x78;
  equal(await blob.text(), "abc");
  (await blob.bytes())[0] = 0x78;
  new Uint8Array(await blob.arrayBuffer())[0] = 0x78;
  equal(await blob.text(), "abc");
});

test("slice()", async () => {
  const blob = new Blob(["0123456789"], { type: "a/b" });
  equal(await blob.slice(2, 5).text(), "234");
  equal(await blob.slice(-3).text(), "789");
  equal(await blob.slice(-3, -1).text(), "78");
  equal(await blob.slice(8, 100).text(), "89");
  equal(await blob.slice(5, 2).text(), "");
  equal(blob.slice(0, 1).type, "");
  equal(blob.slice(0, 1, "c/D").type, "c/d");
  equal(await blob.slice(2, 8).slice(1, 3).text(), "34");
});

test("type is lower case, and empty when it cannot be a type", () => {
  equal(new Blob([], { type: "Text/HTML" }).type, "text/html");
  equal(new Blob([], { type: "tèxt" }).type, "");
});

test("text() decodes UTF-8 with replacement", async () => {
  equal(await new Blob([bytes(0x61, 0xff, 0x62)]).text(), "a\ufffdb");
});

test("File", async () => {
  const before = Date.now();
  const file = new File(["abc"], "name.txt", { type: "text/plain" });
  equal(file.name, "name.txt");
  equal(file.type, "text/plain");
  equal(file.size, 3);
  ok(file.lastModified >= before && file.lastModified <= Date.now());
  equal(new File([], "x", { lastModified: 5 }).lastModified, 5);
  ok(file instanceof Blob);
  ok(!(file.slice() instanceof File));
  equal(Object.prototype.toString.call(file), "[object File]");
});

test("wrong arguments", () => {
  throws(() => new Blob("abc"), TypeError);
  throws(() => new Blob(5), TypeError);
  throws(() => new File(["x"]), TypeError);
});
