import { bytes, collect, describe, equal, ok, rejects, test, throws, utf8 } from "../harness.js";

describe("body");

const used = "Body has already been used";

test("text of every source", async () => {
  equal(await new Response("häl€o😀").text(), "häl€o😀");
  equal(await new Response(utf8("häl€o😀")).text(), "häl€o😀");
  equal(await new Response(utf8("xabcx").subarray(1, 4)).text(), "abc");
  equal(await new Response(utf8("abc").buffer).text(), "abc");
  equal(await new Response(new DataView(utf8("abc").buffer, 1)).text(), "bc");
  equal(await new Response(new Blob(["abc"])).text(), "abc");
  equal(await new Response(new URLSearchParams({ a: "b c" })).text(), "a=b+c");
  equal(await new Response(ReadableStream.from([utf8("a"), utf8("b")])).text(), "ab");
  equal(await new Response(null).text(), "");
  equal(await new Response(undefined).text(), "");
  equal(await new Response(12).text(), "12");
  equal(await new Response({}).text(), "[object Object]");
});

test("bytes, arrayBuffer, blob and json", async () => {
  equal(await new Response("é").bytes(), bytes(0xc3, 0xa9));
  equal(new Uint8Array(await new Response("é").arrayBuffer()), bytes(0xc3, 0xa9));
  const blob = await new Response("x", { headers: { "content-type": "a/b;c=d" } }).blob();
  equal(blob.type, "a/b;c=d");
  equal(await blob.text(), "x");
  equal(await new Response('{"a":[1]}').json(), { a: [1] });
  await rejects(new Response("{").json(), SyntaxError);
  await rejects(new Response("").json(), SyntaxError);
});

test("a byte order mark is removed from text", async () => {
  equal(await new Response("\ufeffabc").text(), "abc");
  equal(await new Response(bytes(0xef, 0xbb, 0xbf, 0x61)).text(), "a");
  equal(await new Response("\ufeff\ufeffa").text(), "\ufeffa");
});

test("malformed UTF-8 and lone surrogates become U+FFFD", async () => {
  equal(await new Response(bytes(0xff, 0x61)).text(), "\ufffda");
  equal(await new Response("a\ud800b").text(), "a\ufffdb");
  equal(await new Response("a\ud800").bytes(), bytes(0x61, 0xef, 0xbf, 0xbd));
});

test("bytes given are copied", async () => {
  const given = utf8("abc");
  const response = new Response(given);
  given[0] = 0x78;
  equal(await response.text(), "abc");
});

test("a body is read once", async () => {
  const response = new Response("abc");
  equal(response.bodyUsed, false);
  await response.text();
  equal(response.bodyUsed, true);
  for (const method of ["text", "json", "arrayBuffer", "bytes", "blob"]) {
    await rejects(response[method](), TypeError, used);
  }
});

test("no body can be read many times", async () => {
  const response = new Response(null);
  equal(await response.text(), "");
  equal(await response.text(), "");
  equal(response.bodyUsed, false);
  equal(response.body, null);
});

test("an empty body is a body", async () => {
  const response = new Response("");
  ok(response.body instanceof ReadableStream);
  equal(await response.text(), "");
  equal(response.bodyUsed, true);
});

test("body is one stream, of bytes", async () => {
  const response = new Response("abc");
  ok(response.body === response.body);
  equal(Object.prototype.toString.call(response.body), "[object ReadableStream]");
  equal(await collect(response.body), [utf8("abc")]);
  equal(response.bodyUsed, true);
  const reader = new Response("abc").body.getReader({ mode: "byob" });
  equal((await reader.read(new Uint8Array(2))).value, utf8("ab"));
  equal((await reader.read(new Uint8Array(2))).value, utf8("c"));
  equal((await reader.read(new Uint8Array(2))).done, true);
});

test("touching body changes nothing", async () => {
  const response = new Response("abc");
  ok(response.body);
  equal(response.bodyUsed, false);
  equal(await response.text(), "abc");
  equal(response.body.locked, true);
});

test("after text() body is locked", async () => {
  const response = new Response("abc");
  await response.text();
  equal(response.body.locked, true);
  equal(response.bodyUsed, true);
});

test("a locked body cannot be read", async () => {
  const response = new Response("abc");
  response.body.getReader();
  await rejects(response.text(), TypeError, "currently locked to a reader");
});

test("a body moves to another message", async () => {
  const first = new Response("abc");
  const second = new Response(first.body, first);
  equal(await second.text(), "abc");
  equal(first.bodyUsed, true);
  await rejects(first.text(), TypeError);
});

test("streams must give bytes", async () => {
  await rejects(new Response(ReadableStream.from(["text"])).text(), TypeError, "did not return bytes");
  await rejects(new Response(ReadableStream.from([{}])).text(), TypeError, "did not return bytes");
});

test("a failing stream fails the body", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(utf8("a"));
      controller.error(new RangeError("boo"));
    },
  });
  await rejects(new Response(broken).text(), RangeError, "boo");
});

test("clone() gives both the same", async () => {
  for (const make of [
    () => new Response("abc"),
    () => new Response(utf8("abc")),
    () => new Response(ReadableStream.from([utf8("a"), utf8("bc")])),
    () => {
      const response = new Response("abc");
      ok(response.body);
      return response;
    },
  ]) {
    const response = make();
    const copy = response.clone();
    equal(await copy.text(), "abc");
    equal(response.bodyUsed, false);
    equal(await response.text(), "abc");
  }
  equal(new Response(null).clone().body, null);
});

test("a used body cannot be cloned", async () => {
  const response = new Response("abc");
  await response.text();
  throws(() => response.clone(), TypeError);
});

test("the methods need a body", async () => {
  await rejects(Response.prototype.text.call({}), TypeError);
  throws(() => Object.getOwnPropertyDescriptor(Body.prototype, "body").get.call({}), TypeError);
});
