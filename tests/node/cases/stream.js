import { Duplex, finished, PassThrough, pipeline, Readable, Transform, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline as piped } from "node:stream/promises";
import { ReadableStream as Same } from "node:stream/web";
import { describe, equal, ok, rejects, test } from "../../js/harness.js";

describe("stream");

test("a pipeline of streams", async () => {
  const seen = [];
  await piped(
    Readable.from(["a", "b", "c"]),
    new Transform({
      objectMode: true,
      transform(chunk, _encoding, done) {
        done(null, String(chunk).toUpperCase());
      },
    }),
    new Writable({
      objectMode: true,
      write(chunk, _encoding, done) {
        seen.push(String(chunk));
        done();
      },
    }),
  );
  equal(seen, ["A", "B", "C"]);
});

test("reading by events, by iteration and whole", async () => {
  const source = () => Readable.from([Buffer.from("he"), Buffer.from("llo")]);
  const chunks = [];
  await new Promise((resolve) => source().on("data", (chunk) => chunks.push(chunk)).on("end", resolve));
  equal(Buffer.concat(chunks).toString(), "hello");
  let whole = "";
  for await (const chunk of source()) whole += chunk;
  equal(whole, "hello");
  equal(await text(source()), "hello");
});

test("errors end a pipeline", async () => {
  const failing = new Readable({ read() { this.destroy(new RangeError("bad")); } });
  await rejects(piped(failing, new PassThrough()), RangeError, "bad");
  const error = await new Promise((resolve) => pipeline(Readable.from(["a"]), new Writable({ write: (_c, _e, done) => done(new TypeError("no")) }), resolve));
  equal(error.message, "no");
});

test("finished, and back-pressure", async () => {
  const slow = new Writable({ highWaterMark: 2, write: (_chunk, _encoding, done) => setTimeout(done, 1) });
  equal([slow.write("a"), slow.write("b")], [true, false]);
  slow.end();
  await new Promise((resolve) => finished(slow, resolve));
  ok(slow.writableFinished);
  ok(new Duplex({ read() {}, write() {} }) instanceof Readable);
});

test("the web's streams", () => ok(Same === ReadableStream));
