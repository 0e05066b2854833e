// Streams of text and of standard chunks as values.
import { attempt } from "lines";

export default async (env) => {
  const encoded = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("one "));
      controller.enqueue(new TextEncoder().encode("two"));
      controller.close();
    },
  });
  await attempt("bytes", () => env.KV.put("bytes", encoded));
  await attempt("read", () => env.KV.get("bytes"));
  const used = new Response("x").body;
  used.getReader();
  await attempt("locked", () => env.KV.put("locked", used));
};
