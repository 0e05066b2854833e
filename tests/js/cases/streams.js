import { bytes, collect, describe, equal, milliseconds, ok, rejects, test, text, throws, utf8 } from "../harness.js";

describe("streams");

test("a readable stream is pulled", async () => {
  let count = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (count === 3) controller.close();
      else controller.enqueue(count++);
    },
  });
  equal(await collect(stream), [0, 1, 2]);
});

test("getReader() locks, releaseLock() frees", async () => {
  const stream = ReadableStream.from([1, 2]);
  const reader = stream.getReader();
  equal(stream.locked, true);
  throws(() => stream.getReader(), TypeError);
  equal(await reader.read(), { value: 1, done: false });
  reader.releaseLock();
  equal(stream.locked, false);
  equal(await collect(stream), [2]);
});

test("cancel() reaches the source", async () => {
  let reason;
  const stream = new ReadableStream({ cancel(given) { reason = given; } });
  await stream.cancel("enough");
  equal(reason, "enough");
  equal(await collect(stream), []);
});

test("leaving a loop cancels", async () => {
  let canceled = false;
  const stream = new ReadableStream({
    pull(controller) { controller.enqueue(1); },
    cancel() { canceled = true; },
  });
  for await (const chunk of stream) {
    equal(chunk, 1);
    break;
  }
  equal(canceled, true);
  equal(stream.locked, false);
});

test("ReadableStream.from()", async () => {
  async function* numbers() {
    yield 1;
    yield 2;
  }
  equal(await collect(ReadableStream.from(numbers())), [1, 2]);
  equal(await collect(ReadableStream.from("ab")), ["a", "b"]);
  throws(() => ReadableStream.from(5), TypeError);
});

test("tee()", async () => {
  const [first, second] = ReadableStream.from([1, 2, 3]).tee();
  equal(await collect(first), [1, 2, 3]);
  equal(await collect(second), [1, 2, 3]);
});

test("byte streams", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    start(controller) {
      controller.enqueue(bytes(1, 2, 3, 4, 5));
      controller.close();
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  const first = await reader.read(new Uint8Array(2));
  equal(first.value, bytes(1, 2));
  const rest = await reader.readAtLeast(3, new Uint8Array(10));
  equal(rest.value, bytes(3, 4, 5));
  equal((await reader.read(new Uint8Array(1))).done, true);
});

test("a byte source fills the reader's buffer", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { byobRequest } = controller;
      byobRequest.view[0] = 7;
      byobRequest.respond(1);
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  equal((await reader.read(new Uint8Array(4))).value, bytes(7));
});

test("a writable stream calls its sink in order", async () => {
  const seen = [];
  const stream = new WritableStream({
    start() { seen.push("start"); },
    async write(chunk) { await milliseconds(1); seen.push(chunk); },
    close() { seen.push("close"); },
  });
  const writer = stream.getWriter();
  writer.write(1);
  writer.write(2);
  await writer.close();
  equal(seen, ["start", 1, 2, "close"]);
  await writer.closed;
});

test("abort() reaches the sink, and writes fail", async () => {
  let reason;
  const stream = new WritableStream({ abort(given) { reason = given; } });
  const writer = stream.getWriter();
  writer.closed.catch(() => {});
  await writer.abort(new RangeError("stop"));
  equal(reason.message, "stop");
  await rejects(writer.write(1), RangeError, "stop");
});

test("back-pressure", async () => {
  const stream = new WritableStream({}, new CountQueuingStrategy({ highWaterMark: 2 }));
  const writer = stream.getWriter();
  equal(writer.desiredSize, 2);
  writer.write("a");
  equal(writer.desiredSize, 1);
  writer.write("b");
  equal(writer.desiredSize, 0);
  await writer.ready;
  equal(writer.desiredSize >= 1, true);
  equal(new ByteLengthQueuingStrategy({ highWaterMark: 9 }).highWaterMark, 9);
});

test("pipeTo()", async () => {
  const seen = [];
  await ReadableStream.from([1, 2]).pipeTo(new WritableStream({ write(chunk) { seen.push(chunk); } }));
  equal(seen, [1, 2]);
});

test("pipeTo() passes errors on", async () => {
  const broken = new ReadableStream({ pull(controller) { controller.error(new RangeError("broken")); } });
  let reason;
  await rejects(broken.pipeTo(new WritableStream({ abort(given) { reason = given; } })), RangeError, "broken");
  equal(reason.message, "broken");
  let canceled;
  const source = new ReadableStream({
    pull(controller) { controller.enqueue(1); },
    cancel(given) { canceled = given; },
  });
  await rejects(source.pipeTo(new WritableStream({ write() { throw new RangeError("full"); } })), RangeError, "full");
  equal(canceled.message, "full");
});

test("pipeTo() stops with its signal", async () => {
  const controller = new AbortController();
  const piping = new ReadableStream().pipeTo(new WritableStream(), { signal: controller.signal });
  controller.abort();
  await rejects(piping, "AbortError");
});

test("TransformStream", async () => {
  const double = new TransformStream({
    transform(chunk, controller) { controller.enqueue(chunk * 2); },
    flush(controller) { controller.enqueue("end"); },
  });
  equal(await collect(ReadableStream.from([1, 2]).pipeThrough(double)), [2, 4, "end"]);
  const identity = new TransformStream();
  const writer = identity.writable.getWriter();
  writer.write("any value");
  writer.close();
  equal(await collect(identity.readable), ["any value"]);
});

test("IdentityTransformStream", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  let written = false;
  const writing = writer.write(utf8("abc")).then(() => { written = true; });
  await milliseconds(1);
  equal(written, false, "before anybody reads");
  const reader = readable.getReader({ mode: "byob" });
  equal((await reader.read(new Uint8Array(10))).value, utf8("abc"));
  await writing;
  const end = reader.read(new Uint8Array(10));
  await writer.close();
  equal((await end).done, true);
});

test("IdentityTransformStream refuses objects", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  text(readable).catch(() => {});
  await rejects(writer.write({}), TypeError, "being used as a byte stream");
});

test("IdentityTransformStream copies what is written", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const chunk = utf8("abc");
  const writer = writable.getWriter();
  writer.write(chunk);
  writer.close();
  equal(await text(readable), "abc");
  equal(chunk.length, 3);
});

test("FixedLengthStream", async () => {
  const pass = new FixedLengthStream(3);
  const writer = pass.writable.getWriter();
  writer.write(utf8("abc"));
  writer.close();
  equal(await text(pass.readable), "abc");

  const short = new FixedLengthStream(3);
  const shortWriter = short.writable.getWriter();
  shortWriter.closed.catch(() => {});
  shortWriter.write(utf8("ab"));
  shortWriter.close().catch(() => {});
  await rejects(text(short.readable), TypeError, "did not see all expected bytes");

  const long = new FixedLengthStream(3);
  const longWriter = long.writable.getWriter();
  longWriter.closed.catch(() => {});
  longWriter.write(utf8("abcd")).catch(() => {});
  await rejects(text(long.readable), TypeError, "too many bytes");

  throws(() => new FixedLengthStream(), TypeError);
  throws(() => new FixedLengthStream(-1), TypeError);
  ok(new FixedLengthStream(5n).readable);
});

test("TextEncoderStream joins surrogates across chunks", async () => {
  const stream = new TextEncoderStream();
  const writer = stream.writable.getWriter();
  writer.write("a\ud83d");
  writer.write("\ude00b");
  writer.write("\ud83d");
  writer.close();
  equal(stream.encoding, "utf-8");
  equal(await text(stream.readable), "a😀b\ufffd");
});

test("TextDecoderStream joins bytes across chunks", async () => {
  const stream = new TextDecoderStream();
  const writer = stream.writable.getWriter();
  writer.write(bytes(0xe2, 0x82));
  writer.write(bytes(0xac, 0x61));
  writer.close();
  equal((await collect(stream.readable)).join(""), "€a");
  equal([stream.encoding, stream.fatal, stream.ignoreBOM], ["utf-8", false, false]);
});

test("TextDecoderStream, fatal", async () => {
  const stream = new TextDecoderStream("utf-8", { fatal: true });
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => {});
  writer.write(bytes(0xff)).catch(() => {});
  await rejects(collect(stream.readable), TypeError);
});

test("a transformed stream is a body", async () => {
  const stream = new Response("abc").body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TransformStream({ transform: (chunk, c) => c.enqueue(chunk.toUpperCase()) }))
    .pipeThrough(new TextEncoderStream());
  equal(await new Response(stream).text(), "ABC");
});

test("a large stream arrives whole", async () => {
  const chunk = new Uint8Array(10000).fill(120);
  let count = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (count++ === 100) controller.close();
      else controller.enqueue(chunk.slice());
    },
  });
  const { readable, writable } = new IdentityTransformStream();
  const piping = stream.pipeTo(writable);
  equal((await new Response(readable).arrayBuffer()).byteLength, 1000000);
  await piping;
});
