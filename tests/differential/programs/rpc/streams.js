// Readable and writable streams as arguments and results.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Streams extends DurableObject {
  make(text) {
    return new Response(text).body;
  }
  async read(stream) {
    return new Response(stream).text();
  }
  async write(stream) {
    const writer = stream.getWriter();
    await writer.write(new TextEncoder().encode("written by the callee"));
    await writer.close();
  }
  objects() {
    return ReadableStream.from([{ a: 1 }]);
  }
}

export default async (env) => {
  const stub = env.Streams.getByName("s");
  const made = await stub.make("from the object");
  print("made", made instanceof ReadableStream, await new Response(made).text());
  print("read", await stub.read(new Response("from the caller").body));
  const { readable, writable } = new IdentityTransformStream();
  const [text] = await Promise.all([new Response(readable).text(), stub.write(writable)]);
  print("write", text);
  await attempt("objects", async () => {
    for await (const chunk of await stub.objects()) return chunk;
  });
};
