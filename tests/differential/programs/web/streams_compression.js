// Compression and decompression there and back.
import { attempt, print } from "lines";

export default async () => {
  for (const format of ["gzip", "deflate", "deflate-raw"]) {
    const packed = await new Response(new Blob(["hello ".repeat(100)]).stream().pipeThrough(new CompressionStream(format))).bytes();
    const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream(format))).text();
    print(format, packed.length < 100, text.length);
  }
  await attempt("unknown", () => new CompressionStream("br"));
  await attempt("garbage", () => new Response(new Blob(["garbage"]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
  await attempt("cut", async () => {
    const packed = await new Response(new Blob(["x".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    return new Response(new Blob([packed.slice(0, -4)]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  });
};
